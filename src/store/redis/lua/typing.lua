#!lua flags=allow-oom
-- Signals that a member is typing. Stores nothing.
--
-- KEYS[1] {room:ID}  KEYS[2] :roles  KEYS[3] channel
-- ARGV[1] user  ARGV[2] how long it lasts in ms
-- Returns { 'OK', when it ends } | { 'NO_ROOM' } | { 'NOT_MEMBER', kind }

--- @include now
--- @include publish

local kind = redis.call('HGET', KEYS[1], 'kind')
if not kind then return { 'NO_ROOM' } end
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 0 then return { 'NOT_MEMBER', kind } end
local ends = now() + ARGV[2]
publish(KEYS[3], cjson.encode({ t = 'typing', u = ARGV[1], x = ends }))
return { 'OK', ends }
