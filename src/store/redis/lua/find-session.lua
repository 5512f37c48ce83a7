#!lua flags=no-writes
-- A live session, its user, and the version of the user.
--
-- KEYS[1] {user:ID}:session:HASH  KEYS[2] :version  KEYS[3] {user:ID}
-- ARGV[1..] the fields of the user
-- Returns { id, when it ends, ms left, version, the fields } | {}

local left = redis.call('PTTL', KEYS[1])
if left <= 0 then return {} end
local session = redis.call('HMGET', KEYS[1], 'id', 'expiresAt')
return { session[1], session[2], left, redis.call('GET', KEYS[2]) or '0', redis.call('HMGET', KEYS[3], unpack(ARGV)) }
