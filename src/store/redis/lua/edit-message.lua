#!lua
-- Replaces body and mentions of the actor's TEXT message: one event. The same body again: nothing happens.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :epochs  KEYS[6] channel
-- ARGV[1] actor  ARGV[2] number  ARGV[3] time of the message  ARGV[4] body  ARGV[5..] ids of the users mentioned
-- Returns { 'OK', entry } | { 'NO_ROOM' } | { 'NOT_MEMBER', kind } | { 'NO_MESSAGE' } | { 'NOT_AUTHOR' } | { 'SYSTEM_MESSAGE' }
--   | { 'DELETED' }

--- @include room
--- @include numbering

local keys = { room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], epochs = KEYS[5] }
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 0 then return { 'NOT_MEMBER', room.kind } end
local entry, text = find_entry(keys.timeline, ARGV[2], ARGV[3])
if not entry then return { 'NO_MESSAGE' } end
if entry[2] ~= 0 then return { 'SYSTEM_MESSAGE' } end
if entry[3] ~= ARGV[1] then return { 'NOT_AUTHOR' } end
if entry[7].d then return { 'DELETED' } end
if entry[6] == ARGV[4] then return { 'OK', text } end

entry[6] = ARGV[4]
entry[7].e = entry_time(room)
entry[7].m = nil
for i = 5, #ARGV do
  entry[7].m = entry[7].m or {}
  entry[7].m[i - 4] = ARGV[i]
end
local news, changed = append_change(keys, room, entry)
publish(KEYS[6], news)
return { 'OK', changed }
