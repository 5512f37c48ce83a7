#!lua flags=allow-oom
-- Takes away those of a user's leases that have ended. Whoever takes the last one away is the one who tells: nobody else can.
--
-- KEYS[1] {user:ID}:leases  KEYS[2] :rooms
-- Returns { 'OK', when the last lease that lives ends or 0, when last seen, the rooms on the user's list where the user went offline by this call }

--- @include leases

local latest, ended = sort_leases(KEYS[1], now())
for _, field in ipairs(ended) do redis.call('HDEL', KEYS[1], field) end
local seen = tonumber(redis.call('HGET', KEYS[1], 'seen') or 0)
if latest or #ended == 0 then return { 'OK', latest or 0, seen } end
return { 'OK', 0, seen, redis.call('ZRANGE', KEYS[2], 0, -1) }
