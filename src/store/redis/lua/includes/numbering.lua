--- @include now
--- @include entry
--- @include publish

-- The epoch of the numbers handed out now: Redis's own name for one history of writes. It changes with every start of the
-- process and with every promotion of a replica, so also when a demoted master comes back without a restart.
local function current_epoch()
  local info = redis.call('INFO', 'replication')
  local _, before = string.find(info, 'master_replid:', 1, true)
  return string.sub(info, before + 1, before + 12)
end

-- The next number of the room. In a new epoch it first notes where the one before ended.
local function next_number(keys, room)
  local epoch = current_epoch()
  if room.epoch ~= epoch then
    redis.call('ZADD', keys.epochs, room.number, room.epoch)
    -- Ends that no kept cursor can lie behind say nothing any more; 100 are remembered at most.
    if room.floor > 0 then redis.call('ZREMRANGEBYSCORE', keys.epochs, '-inf', '(' .. string.format('%.0f', room.floor)) end
    redis.call('ZREMRANGEBYRANK', keys.epochs, 0, -101)
    room.epoch = epoch
  end
  room.number = room.number + 1
  return room.number
end

-- When an entry made now is dated: time in a room never goes back, whatever the clock does.
local function entry_time(room)
  return math.max(now(), room.active_at)
end

-- The wire form of an event.
local function event(room, number, text)
  return '{"e":"' .. room.epoch .. '","n":' .. string.format('%.0f', number) .. ',"m":' .. text .. '}'
end

local function save_room(keys, room)
  redis.call('HSET', keys.room, 'epoch', room.epoch, 'number', room.number, 'ordinal', room.ordinal, 'activeAt', room.active_at)
end

-- Appends an entry under the next number. `body` and `extra` are JSON texts; `extra` may be ''. Returns the event to publish.
local function append_entry(keys, room, kind, author, at, body, extra)
  local number = next_number(keys, room)
  local text = '[' .. string.format('%.0f', number) .. ',' .. kind .. ',"' .. author .. '",' .. string.format('%.0f', at) .. ','
    .. string.format('%.0f', room.ordinal) .. ',' .. body .. (extra ~= '' and ',' .. extra or '') .. ']'
  room.active_at = at
  redis.call('ZADD', keys.timeline, number, text)
  save_room(keys, room)
  return event(room, number, text)
end

-- Stores a changed entry under the next number as its latest change. Returns the event to publish and the entry's text.
local function append_change(keys, room, entry)
  local number = next_number(keys, room)
  entry[7].v = number
  local text = replace_entry(keys.timeline, entry)
  redis.call('ZADD', keys.changes, number, string.format('%.0f', entry[1]))
  save_room(keys, room)
  return event(room, number, text), text
end
