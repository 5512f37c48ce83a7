#!lua flags=no-writes
-- The ids of a user's live sessions.
--
-- KEYS[1] {user:ID}:sessions
-- Returns the ids

--- @include now

-- A session's score is the millisecond of its end and a fraction that only orders: it has ended once that millisecond has come.
local answer = {}
for i, member in ipairs(redis.call('ZRANGE', KEYS[1], string.format('%.0f', now() + 1), '+inf', 'BYSCORE')) do
  answer[i] = string.match(member, '^[^:]*')
end
return answer
