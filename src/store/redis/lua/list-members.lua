#!lua flags=no-writes
-- Members in join order with their memberships.
--
-- KEYS[1] {room:ID}  KEYS[2] :members  KEYS[3] :roles  KEYS[4] :reads  KEYS[5] :deleted
-- ARGV[1] place in join order to continue behind  ARGV[2] how many
-- Returns for each member user id, place, role and join time, receipt, unread

--- @include room
--- @include membership

local keys = { roles = KEYS[3], reads = KEYS[4], deleted = KEYS[5] }
local room = read_room(KEYS[1])
local answer = {}
if not room then return answer end
local page = redis.call('ZRANGE', KEYS[2], '(' .. ARGV[1], '+inf', 'BYSCORE', 'LIMIT', 0, ARGV[2], 'WITHSCORES')
for i = 1, #page, 2 do
  local role, receipt, count = describe_membership(keys, room, page[i])
  for _, value in ipairs({ page[i], page[i + 1], role, receipt, count }) do answer[#answer + 1] = value end
end
return answer
