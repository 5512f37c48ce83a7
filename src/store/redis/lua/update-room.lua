#!lua
-- Changes name and topic and appends ROOM_UPDATED: one event.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :deleted  KEYS[6] :replies
-- KEYS[7] :epochs  KEYS[8] channel
-- Derived: {room:ID}:reactions:<number>:<emoji> of trimmed messages, which only their entries name.
-- ARGV[1] actor  ARGV[2] words as JSON text  ARGV[3] entries to keep, 0 = all
-- ARGV[4] '=' and the name, or '' to leave it  ARGV[5] '=' and the topic, '-' to clear it, '' to leave it
-- ARGV[6..] guards: pairs of user id and role
-- Returns { 'OK', the room } | { 'NO_ROOM' } | { 'STALE_GUARD' }

--- @include room
--- @include numbering
--- @include trim
--- @include guards

local keys = {
  room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], deleted = KEYS[5], replies = KEYS[6], epochs = KEYS[7],
}
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if not guards_hold(KEYS[4], 6) then return { 'STALE_GUARD' } end

if ARGV[4] ~= '' then redis.call('HSET', keys.room, 'name', string.sub(ARGV[4], 2)) end
if ARGV[5] == '-' then
  redis.call('HDEL', keys.room, 'topic')
elseif ARGV[5] ~= '' then
  redis.call('HSET', keys.room, 'topic', string.sub(ARGV[5], 2))
end
local news = append_entry(keys, room, 3, ARGV[1], entry_time(room), ARGV[2], '')
trim(keys, room, tonumber(ARGV[3]))
publish(KEYS[8], news)
return { 'OK', describe_room(keys.room) }
