#!lua flags=allow-oom
-- Shortens a holder's lease on a user's presence.
--
-- KEYS[1] {user:ID}:leases
-- ARGV[1] holder  ARGV[2] how long it may still live in ms
-- Returns { 'OK', when the user's last lease ends or has just ended, 0 where the holder had none }

--- @include leases

local time = now()
local field = 'lease:' .. ARGV[1]
local ends = tonumber(redis.call('HGET', KEYS[1], field) or 0)
if ends > time then redis.call('HSET', KEYS[1], field, math.min(ends, time + ARGV[2]), 'seen', time) end
return { 'OK', sort_leases(KEYS[1], time) or (ends > 0 and time or 0) }
