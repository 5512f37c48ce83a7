#!lua flags=no-writes
-- How a room and some users stand to each other.
--
-- KEYS[1] {room:ID}  KEYS[2] :roles
-- ARGV[1..] user ids
-- Returns { kind, epoch, number, role or '' of each user } | {}

local room = redis.call('HMGET', KEYS[1], 'kind', 'epoch', 'number')
if not room[1] then return {} end
local answer = { room[1], room[2], tonumber(room[3]) }
for i, user in ipairs(ARGV) do
  local value = redis.call('HGET', KEYS[2], user)
  answer[3 + i] = value and string.match(value, '^%u+') or ''
end
return answer
