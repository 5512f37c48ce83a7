#!lua
-- Takes or extends a holder's lease on a user's presence.
--
-- KEYS[1] {user:ID}:leases
-- ARGV[1] holder  ARGV[2] how long it lives in ms
-- Returns { 'OK', 1 where the user was offline before else 0 }

--- @include leases

local time = now()
local latest, ended = sort_leases(KEYS[1], time)
for _, field in ipairs(ended) do redis.call('HDEL', KEYS[1], field) end
redis.call('HSET', KEYS[1], 'lease:' .. ARGV[1], time + ARGV[2], 'seen', time)
return { 'OK', latest and 0 or 1 }
