#!lua
-- Moves a member's receipt forward to a message and signals it; back or in place: nothing happens.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :roles  KEYS[4] :reads  KEYS[5] :deleted  KEYS[6] channel
-- ARGV[1] user  ARGV[2] number  ARGV[3] time of the message
-- Returns { 'OK', role and join time, receipt, unread } | { 'NO_ROOM' } | { 'NOT_MEMBER', kind } | { 'NO_MESSAGE' }

--- @include now
--- @include room
--- @include entry
--- @include publish
--- @include membership

local keys = { roles = KEYS[3], reads = KEYS[4], deleted = KEYS[5] }
local user = ARGV[1]
local room = read_room(KEYS[1])
if not room then return { 'NO_ROOM' } end
if redis.call('HEXISTS', keys.roles, user) == 0 then return { 'NOT_MEMBER', room.kind } end
local entry = find_entry(KEYS[2], ARGV[2], ARGV[3])
if not entry then return { 'NO_MESSAGE' } end

local before = tonumber(string.match(redis.call('HGET', keys.reads, user) or '0', '^%d+'))
if entry[1] > before then
  local receipt = { entry[1], entry[5], entry[4], now() }
  redis.call('HSET', keys.reads, user, string.format('%.0f %.0f %.0f %.0f', unpack(receipt)))
  publish(KEYS[6], cjson.encode({ t = 'read', u = user, r = receipt }))
end
return { 'OK', describe_membership(keys, room, user) }
