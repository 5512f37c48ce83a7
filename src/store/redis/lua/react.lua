#!lua
-- Adds or takes back a member's reaction: one event; nothing happens where it is so already.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :epochs  KEYS[6] :reactions:<number>:<emoji>
-- KEYS[7] channel
-- ARGV[1] actor  ARGV[2] number  ARGV[3] time of the message  ARGV[4] emoji  ARGV[5] 1 to add, 0 to take back
-- ARGV[6] how many different emoji a message carries  ARGV[7] how many users travel with each
-- Returns { 'OK', entry } | { 'NO_ROOM' } | { 'NOT_MEMBER', kind } | { 'NO_MESSAGE' } | { 'SYSTEM_MESSAGE' } | { 'DELETED' }
--   | { 'TOO_MANY_EMOJI', how many }

--- @include room
--- @include numbering

local keys = { room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], epochs = KEYS[5] }
local actor, emoji, present, set = ARGV[1], ARGV[4], ARGV[5] == '1', KEYS[6]
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if redis.call('HEXISTS', KEYS[4], actor) == 0 then return { 'NOT_MEMBER', room.kind } end
local entry, text = find_entry(keys.timeline, ARGV[2], ARGV[3])
if not entry then return { 'NO_MESSAGE' } end
if entry[2] ~= 0 then return { 'SYSTEM_MESSAGE' } end
if entry[7].d then return { 'DELETED' } end
if (redis.call('ZSCORE', set, actor) ~= false) == present then return { 'OK', text } end

local reactions = entry[7].x or {}
local place = #reactions + 1
for i, reaction in ipairs(reactions) do
  if reaction[1] == emoji then place = i end
end
if present and place > tonumber(ARGV[6]) then return { 'TOO_MANY_EMOJI', ARGV[6] } end

if present then
  redis.call('ZADD', set, room.number + 1, actor)
else
  redis.call('ZREM', set, actor)
end
local count = redis.call('ZCARD', set)
if count > 0 then
  reactions[place] = { emoji, count, redis.call('ZRANGE', set, 0, ARGV[7] - 1) }
elseif reactions[place] then
  table.remove(reactions, place)
end
entry[7].x = #reactions > 0 and reactions or nil
local news, changed = append_change(keys, room, entry)
publish(KEYS[7], news)
return { 'OK', changed }
