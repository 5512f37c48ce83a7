#!lua
-- Files users under the time at which their leases are to be looked at again, unless it is later already.
--
-- KEYS[1] {presence}:expiry
-- ARGV[1] how far ahead in ms  ARGV[2..] user ids
-- Returns { 'OK' }

--- @include now

local due = now() + ARGV[1]
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'GT', due, ARGV[i]) end
return { 'OK' }
