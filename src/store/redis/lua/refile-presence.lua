#!lua flags=allow-oom
-- Files a user under another time, or not at all, where nobody else has filed them since.
--
-- KEYS[1] {presence}:expiry
-- ARGV[1] user  ARGV[2] the time they are filed under, '' = any: then never later than that, for too early is put right by the
-- sweep and too late is not  ARGV[3] the new time, 0 = none
-- Returns { 'OK' }

local filed, due = tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or nil), tonumber(ARGV[3])
if ARGV[2] == '' then
  -- A sweep that is under way knows by a time that has changed that somebody has filed since.
  if filed and filed <= due then due = filed - 1 end
elseif filed ~= tonumber(ARGV[2]) then
  return { 'OK' }
end
if due == 0 then
  redis.call('ZREM', KEYS[1], ARGV[1])
else
  redis.call('ZADD', KEYS[1], due, ARGV[1])
end
return { 'OK' }
