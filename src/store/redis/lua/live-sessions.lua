#!lua flags=no-writes
-- The ids of a user's live sessions.
--
-- KEYS[1] {user:ID}:sessions
-- Returns the ids

--- @include now

local answer = {}
for i, member in ipairs(redis.call('ZRANGE', KEYS[1], '(' .. string.format('%.0f', now()), '+inf', 'BYSCORE')) do
  answer[i] = string.match(member, '^[^:]*')
end
return answer
