#!lua flags=no-writes
-- The answers to one message that is kept, oldest first.
--
-- KEYS[1] {room:ID}:timeline  KEYS[2] :replies
-- ARGV[1] number of the message  ARGV[2] number to continue behind  ARGV[3] how many
-- Returns the entries

if redis.call('ZCOUNT', KEYS[1], ARGV[1], ARGV[1]) == 0 then return {} end
local parent = string.format('%014.0f', ARGV[1])
local page = redis.call('ZRANGE', KEYS[2], '(' .. parent .. ':' .. string.format('%014.0f', ARGV[2]), '(' .. parent .. ';',
  'BYLEX', 'LIMIT', 0, ARGV[3])
local answer = {}
for _, member in ipairs(page) do
  local number = string.sub(member, 16)
  local entry = redis.call('ZRANGE', KEYS[1], number, number, 'BYSCORE')[1]
  if entry then answer[#answer + 1] = entry end
end
return answer
