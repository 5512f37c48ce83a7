#!lua flags=no-writes
-- Whether a user is online now, and when last seen.
--
-- KEYS[1] {user:ID}:leases
-- Returns { 1 where online else 0, when last seen or 0 }

--- @include leases

local latest = sort_leases(KEYS[1], now())
return { latest and 1 or 0, tonumber(redis.call('HGET', KEYS[1], 'seen') or 0) }
