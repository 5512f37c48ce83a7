#!lua
-- Makes a user a member and appends MEMBER_JOINED: one event. Nothing happens to one who is a member already.
-- In a room without an owner the newcomer becomes its owner.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :members  KEYS[5] :roles  KEYS[6] :reads  KEYS[7] :staff
-- KEYS[8] :deleted  KEYS[9] :replies  KEYS[10] :epochs  KEYS[11] channel
-- Derived: {room:ID}:reactions:<number>:<emoji> of trimmed messages, which only their entries name.
-- ARGV[1] user  ARGV[2] role  ARGV[3] words as JSON text  ARGV[4] entries to keep, 0 = all
-- ARGV[5..] guards: pairs of user id and role
-- Returns { 'OK', 1 where joined else 0, role and join time, receipt, unread } | { 'NO_ROOM' } | { 'STALE_GUARD' }

--- @include room
--- @include numbering
--- @include trim
--- @include guards
--- @include staff
--- @include membership

local keys = {
  room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], roles = KEYS[5], reads = KEYS[6], staff = KEYS[7],
  deleted = KEYS[8], replies = KEYS[9], epochs = KEYS[10],
}
local user, role = ARGV[1], ARGV[2]
local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
if not guards_hold(keys.roles, 5) then return { 'STALE_GUARD' } end
if redis.call('HEXISTS', keys.roles, user) == 1 then return { 'OK', 0, describe_membership(keys, room, user) } end

if not first_with_role(keys, 'OWNER') then role = 'OWNER' end
local at = entry_time(room)
local joined = string.format('%.0f', at)
local position = redis.call('HINCRBY', keys.room, 'joins', 1)
redis.call('ZADD', KEYS[4], position, user)
set_role(keys, user, role, joined, position)
local news = append_entry(keys, room, 1, user, at, ARGV[3], role ~= 'MEMBER' and '{"o":"' .. role .. '"}' or '')
redis.call('HSET', keys.reads, user, string.format('%.0f %.0f %s %s', room.number, room.ordinal, joined, joined))
redis.call('HSET', keys.room, 'members', redis.call('ZCARD', KEYS[4]))
trim(keys, room, tonumber(ARGV[4]))
publish(KEYS[11], news)
return { 'OK', 1, describe_membership(keys, room, user) }
