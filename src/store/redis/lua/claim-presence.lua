#!lua flags=allow-oom
-- The users whose leases are due to be looked at. They are filed again a little later, so that another process finds them should
-- this one die; whoever is done refiles them (refile-presence).
--
-- KEYS[1] {presence}:expiry
-- ARGV[1] how many at most  ARGV[2] how much later, in ms
-- Returns { 'OK', the time they are filed under now, user ids... }

--- @include now

local time = now()
local later = time + ARGV[2]
local answer = { 'OK', later }
for i, user in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', time, 'BYSCORE', 'LIMIT', 0, ARGV[1])) do
  redis.call('ZADD', KEYS[1], later, user)
  answer[2 + i] = user
end
return answer
