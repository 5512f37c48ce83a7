#!lua
-- Gives a member another role and appends ROOM_UPDATED about them: one event. The same role again: nothing happens.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :members  KEYS[5] :roles  KEYS[6] :reads  KEYS[7] :staff
-- KEYS[8] :deleted  KEYS[9] :replies  KEYS[10] :epochs  KEYS[11] channel
-- Derived: {room:ID}:reactions:<number>:<emoji> of trimmed messages, which only their entries name.
-- ARGV[1] user  ARGV[2] role  ARGV[3] words as JSON text  ARGV[4] entries to keep, 0 = all
-- ARGV[5..] guards: pairs of user id and role
-- Returns { 'OK', role and join time, receipt, unread } | { 'NO_ROOM' } | { 'STALE_GUARD' } | { 'NO_MEMBER' } | { 'LAST_OWNER' }

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
local value = redis.call('HGET', keys.roles, user)
if not value then return { 'NO_MEMBER' } end
local before, joined = string.match(value, '^(%u+) (%d+)$')
if before == role then return { 'OK', describe_membership(keys, room, user) } end
if before == 'OWNER' and not first_with_role(keys, 'OWNER', user) then return { 'LAST_OWNER' } end

set_role(keys, user, role, joined, redis.call('ZSCORE', KEYS[4], user))
local news = append_entry(keys, room, 3, user, entry_time(room), ARGV[3], '{"o":"' .. role .. '"}')
trim(keys, room, tonumber(ARGV[4]))
publish(KEYS[11], news)
return { 'OK', describe_membership(keys, room, user) }
