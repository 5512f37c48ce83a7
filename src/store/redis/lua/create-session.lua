#!lua
-- Opens a session that ends by itself. Beyond the limit the oldest give way and are revoked.
--
-- KEYS[1] {user:ID}:session:HASH  KEYS[2] {user:ID}:sessions  KEYS[3] {user:ID}:version  KEYS[4] channel of the user
-- Derived: {user:ID}:session:HASH of sessions that give way, which only :sessions names.
-- ARGV[1] '{user:ID}:session:'  ARGV[2] session id  ARGV[3] token hash  ARGV[4] how long it lives in ms  ARGV[5] how many may live
-- Returns { 'OK', when it ends }

--- @include publish

local clock = redis.call('TIME')
local at = clock[1] * 1000 + math.floor(clock[2] / 1000)
local ends = at + ARGV[4]
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', at)
local revoked = {}
local surplus = redis.call('ZCARD', KEYS[2]) + 1 - ARGV[5]
if surplus > 0 then
  for _, member in ipairs(redis.call('ZRANGE', KEYS[2], 0, surplus - 1)) do
    local id, hash = string.match(member, '^([^:]*):(.*)$')
    redis.call('DEL', ARGV[1] .. hash)
    revoked[#revoked + 1] = id
  end
  redis.call('ZREMRANGEBYRANK', KEYS[2], 0, surplus - 1)
  redis.call('INCR', KEYS[3])
end
redis.call('HSET', KEYS[1], 'id', ARGV[2], 'expiresAt', ends)
redis.call('PEXPIREAT', KEYS[1], ends)
-- Microseconds tell which of two is the older.
redis.call('ZADD', KEYS[2], string.format('%.3f', ends + clock[2] % 1000 / 1000), ARGV[2] .. ':' .. ARGV[3])
redis.call('PEXPIREAT', KEYS[2], string.format('%.0f', math.ceil(redis.call('ZRANGE', KEYS[2], -1, -1, 'WITHSCORES')[2])))
for _, id in ipairs(revoked) do publish(KEYS[4], cjson.encode({ t = 'session', s = id })) end
return { 'OK', ends }
