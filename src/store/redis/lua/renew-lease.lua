#!lua
-- Takes or extends a holder's lease on a user's presence.
--
-- KEYS[1] {user:ID}:leases  KEYS[2] :rooms
-- ARGV[1] holder  ARGV[2] how long it lives in ms
-- Returns { 'OK', the rooms on the user's list where the user was offline before }

--- @include leases

local time = now()
local latest, ended = sort_leases(KEYS[1], time)
for _, field in ipairs(ended) do redis.call('HDEL', KEYS[1], field) end
redis.call('HSET', KEYS[1], 'lease:' .. ARGV[1], time + ARGV[2], 'seen', time)
if latest then return { 'OK' } end
return { 'OK', redis.call('ZRANGE', KEYS[2], 0, -1) }
