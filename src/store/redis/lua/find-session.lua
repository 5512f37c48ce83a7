#!lua flags=no-writes
-- A live session, and the version of its user.
--
-- KEYS[1] {user:ID}:session:HASH  KEYS[2] :version
-- Returns { id, when it ends, ms left, version } | {}

local left = redis.call('PTTL', KEYS[1])
if left <= 0 then return {} end
local session = redis.call('HMGET', KEYS[1], 'id', 'expiresAt')
return { session[1], session[2], left, redis.call('GET', KEYS[2]) or '0' }
