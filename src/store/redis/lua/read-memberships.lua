#!lua flags=no-writes
-- The memberships of some users in one room, unread counts included.
--
-- KEYS[1] {room:ID}  KEYS[2] :roles  KEYS[3] :reads  KEYS[4] :deleted
-- ARGV[1..] user ids
-- Returns for each user role and join time, receipt, unread; '', '' and 0 for one who is no member

--- @include room
--- @include membership

local keys = { roles = KEYS[2], reads = KEYS[3], deleted = KEYS[4] }
local room = read_room(KEYS[1])
local answer = {}
for i, user in ipairs(ARGV) do
  local role, receipt, count = '', '', 0
  if room then role, receipt, count = describe_membership(keys, room, user) end
  answer[3 * i - 2], answer[3 * i - 1], answer[3 * i] = role, receipt, count
end
return answer
