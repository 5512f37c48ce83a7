#!lua
-- Sets whether a room is on a user's list, raises the user's version and tells the user's channel.
--
-- KEYS[1] {user:ID}:rooms  KEYS[2] {user:ID}:version  KEYS[3] channel of the user
-- ARGV[1] room id  ARGV[2] 1 where joined else 0
-- Returns { 'OK' }

--- @include now
--- @include publish

if ARGV[2] == '1' then
  redis.call('ZADD', KEYS[1], now(), ARGV[1])
else
  redis.call('ZREM', KEYS[1], ARGV[1])
end
redis.call('INCR', KEYS[2])
publish(KEYS[3], cjson.encode({ t = 'rooms', r = ARGV[1] }))
return { 'OK' }
