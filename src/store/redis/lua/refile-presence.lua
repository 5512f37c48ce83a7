#!lua flags=allow-oom
-- Files a user under another time, or not at all, where nobody else has filed them since.
--
-- KEYS[1] {presence}:expiry
-- ARGV[1] user  ARGV[2] the time they are filed under, '' = whatever it is  ARGV[3] the new time, 0 = none
-- Returns { 'OK' }

local filed = redis.call('ZSCORE', KEYS[1], ARGV[1])
if ARGV[2] == '' or (filed and tonumber(filed) == tonumber(ARGV[2])) then
  if ARGV[3] == '0' then
    redis.call('ZREM', KEYS[1], ARGV[1])
  else
    redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
  end
end
return { 'OK' }
