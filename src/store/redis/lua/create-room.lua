#!lua
-- Makes a room with its first members; where it exists nothing happens. Each member with words joins by an event.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :members  KEYS[4] :roles  KEYS[5] :reads  KEYS[6] :staff
-- KEYS[7] :epochs  KEYS[8] channel
-- ARGV[1] kind  ARGV[2] '=' and the name, or ''  ARGV[3] '=' and the topic, or ''
-- ARGV[4..] per member: user id, role, words as JSON text or '' for none
-- Returns { 'OK', 1 where made else 0, the room }

--- @include room
--- @include numbering
--- @include staff

local keys = { room = KEYS[1], timeline = KEYS[2], roles = KEYS[4], staff = KEYS[6], epochs = KEYS[7] }
if redis.call('EXISTS', keys.room) == 1 then return { 'OK', 0, describe_room(keys.room) } end

local at = now()
local room = { epoch = current_epoch(), number = 0, ordinal = 0, active_at = at, floor = 0 }
local events = {}
redis.call('HSET', keys.room, 'kind', ARGV[1], 'createdAt', at)
if ARGV[2] ~= '' then redis.call('HSET', keys.room, 'name', string.sub(ARGV[2], 2)) end
if ARGV[3] ~= '' then redis.call('HSET', keys.room, 'topic', string.sub(ARGV[3], 2)) end

local joins = 0
for i = 4, #ARGV, 3 do
  local user, role, words = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  if redis.call('ZSCORE', KEYS[3], user) == false then
    joins = joins + 1
    local receipt = '0 0 0 0'
    if words ~= '' then
      local extra = role ~= 'MEMBER' and '{"o":"' .. role .. '"}' or ''
      events[#events + 1] = append_entry(keys, room, 1, user, at, words, extra)
      receipt = string.format('%.0f 0 %.0f %.0f', room.number, at, at)
    end
    redis.call('ZADD', KEYS[3], joins, user)
    redis.call('HSET', KEYS[5], user, receipt)
    set_role(keys, user, role, at, joins)
  end
end
save_room(keys, room)
redis.call('HSET', keys.room, 'members', joins, 'joins', joins)
for _, each in ipairs(events) do publish(KEYS[8], each) end
return { 'OK', 1, describe_room(keys.room) }
