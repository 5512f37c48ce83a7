#!lua flags=allow-oom
-- Takes rooms off a user's list that were put there or confirmed more than a minute ago.
--
-- KEYS[1] {user:ID}:rooms
-- ARGV[1..] room ids
-- Returns { 'OK' }

--- @include now

local minute_ago = now() - 60000
for _, room in ipairs(ARGV) do
  local since = tonumber(redis.call('ZSCORE', KEYS[1], room) or 0)
  if since > 0 and since < minute_ago then redis.call('ZREM', KEYS[1], room) end
end
return { 'OK' }
