#!lua flags=allow-oom
-- Takes away those of a user's leases that have ended. Whoever takes the last one away is the one who tells: nobody else can.
--
-- KEYS[1] {user:ID}:leases
-- Returns { 'OK', when the last lease that lives ends or 0, 1 where the user went offline by this call else 0, when last seen }

--- @include leases

local latest, ended = sort_leases(KEYS[1], now())
for _, field in ipairs(ended) do redis.call('HDEL', KEYS[1], field) end
local seen = tonumber(redis.call('HGET', KEYS[1], 'seen') or 0)
return { 'OK', latest or 0, (not latest and #ended > 0) and 1 or 0, seen }
