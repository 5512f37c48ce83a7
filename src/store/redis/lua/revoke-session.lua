#!lua flags=allow-oom
-- Ends a session, raises the user's version and tells the user's channel.
-- Works when memory is full: nobody may be kept signed in by that.
--
-- KEYS[1] {user:ID}:session:HASH  KEYS[2] {user:ID}:sessions  KEYS[3] {user:ID}:version  KEYS[4] channel of the user
-- ARGV[1] token hash
-- Returns { 'OK', 1 where it was live else 0 }

--- @include publish

-- Redis keeps a key through the millisecond of its end; a session is over when that has come.
if redis.call('PTTL', KEYS[1]) <= 0 then return { 'OK', 0 } end
local id = redis.call('HGET', KEYS[1], 'id')
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], id .. ':' .. ARGV[1])
redis.call('INCR', KEYS[3])
publish(KEYS[4], cjson.encode({ t = 'session', s = id }))
return { 'OK', 1 }
