#!lua
-- Ends a membership and appends MEMBER_LEFT: one event. Where that leaves the room without an owner, the oldest moderator, else
-- the oldest member becomes owner: a second event. One who is no member: nothing happens.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :members  KEYS[5] :roles  KEYS[6] :reads  KEYS[7] :staff
-- KEYS[8] :deleted  KEYS[9] :replies  KEYS[10] :epochs  KEYS[11] channel
-- Derived: {room:ID}:reactions:<number>:<emoji> of trimmed messages, which only their entries name.
-- ARGV[1] user  ARGV[2] words as JSON text  ARGV[3] words for the heir as JSON text  ARGV[4] entries to keep, 0 = all
-- ARGV[5..] guards: pairs of user id and role
-- Returns { 'OK', 1 where left else 0 } | { 'NO_ROOM' } | { 'STALE_GUARD' }

--- @include room
--- @include numbering
--- @include trim
--- @include guards
--- @include staff

local keys = {
  room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], roles = KEYS[5], staff = KEYS[7],
  deleted = KEYS[8], replies = KEYS[9], epochs = KEYS[10],
}
local members = KEYS[4]
local user = ARGV[1]
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if not guards_hold(keys.roles, 5) then return { 'STALE_GUARD' } end
if redis.call('HEXISTS', keys.roles, user) == 0 then return { 'OK', 0 } end

redis.call('ZREM', members, user)
redis.call('HDEL', keys.roles, user)
redis.call('HDEL', KEYS[6], user)
redis.call('ZREM', keys.staff, user)
local at = entry_time(room)
local events = { append_entry(keys, room, 2, user, at, ARGV[2], '') }
if not first_with_role(keys, 'OWNER') then
  local heir = first_with_role(keys, 'MODERATOR') or redis.call('ZRANGE', members, 0, 0)[1]
  if heir then
    local joined = string.match(redis.call('HGET', keys.roles, heir), '%d+$')
    set_role(keys, heir, 'OWNER', joined, redis.call('ZSCORE', members, heir))
    events[2] = append_entry(keys, room, 3, heir, at, ARGV[3], '{"o":"OWNER"}')
  end
end
redis.call('HSET', keys.room, 'members', redis.call('ZCARD', members))
trim(keys, room, tonumber(ARGV[4]))
for _, each in ipairs(events) do publish(KEYS[11], each) end
return { 'OK', 1 }
