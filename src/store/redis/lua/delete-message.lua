#!lua flags=allow-oom
-- Deletes a TEXT message: body, mentions and reactions go, a tombstone stays: one event. Deleted already: nothing happens.
-- Works when memory is full: what is to go must go, and it gives memory back.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :deleted  KEYS[6] :epochs  KEYS[7] channel
-- Derived: {room:ID}:reactions:<number>:<emoji>, which only the entry names.
-- ARGV[1] actor  ARGV[2] number  ARGV[3] time of the message  ARGV[4..] guards: pairs of user id and role
-- Returns { 'OK', entry } | { 'NO_ROOM' } | { 'STALE_GUARD' } | { 'NOT_MEMBER', kind } | { 'NO_MESSAGE' } | { 'SYSTEM_MESSAGE' }

--- @include room
--- @include numbering
--- @include guards

local keys = { room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], epochs = KEYS[6] }
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if redis.call('HEXISTS', KEYS[4], ARGV[1]) == 0 then return { 'NOT_MEMBER', room.kind } end
if not guards_hold(KEYS[4], 4) then return { 'STALE_GUARD' } end
local entry, text = find_entry(keys.timeline, ARGV[2], ARGV[3])
if not entry then return { 'NO_MESSAGE' } end
if entry[2] ~= 0 then return { 'SYSTEM_MESSAGE' } end
if entry[7].d then return { 'OK', text } end

drop_reactions(keys.room, entry)
entry[6] = ''
entry[7].m = nil
entry[7].x = nil
entry[7].d = entry_time(room)
redis.call('ZADD', KEYS[5], entry[1], string.format('%.0f', entry[1]))
local parent = entry[7].r and find_entry(keys.timeline, entry[7].r)
if parent then count_reply(keys.timeline, parent, -1) end
local news, changed = append_change(keys, room, entry)
publish(KEYS[7], news)
return { 'OK', changed }
