--- @include now
--- @include entry
--- @include publish

-- The epoch of the numbers handed out now: Redis's own name for one history of writes. It changes with every start of the
-- process and with every promotion of a replica, so also when a demoted master comes back without a restart. Not while a script runs.
local epoch_now = nil
local function current_epoch()
  if not epoch_now then
    local info = redis.call('INFO', 'replication')
    local _, before = string.find(info, 'master_replid:', 1, true)
    epoch_now = string.sub(info, before + 1, before + 12)
  end
  return epoch_now
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

-- When an entry made now (or at that `clock`) is dated: time in a room never goes back, whatever the clock does.
local function entry_time(room, time)
  return math.max(math.floor(time or clock()), room.active_at)
end

-- A whole number as text. Redis takes longer to make one of a number itself.
local function whole(number)
  return string.format('%.0f', number)
end

-- The wire form of an event; its number as text.
local function event(room, number, text)
  return '{"e":"' .. room.epoch .. '","n":' .. number .. ',"m":' .. text .. '}'
end

-- Writes where the room stands; numbers that there are as text already need not be made so again.
local function save_room(keys, room, number, ordinal, at)
  redis.call('HSET', keys.room, 'epoch', room.epoch, 'number', number or whole(room.number), 'ordinal', ordinal or whole(room.ordinal),
    'activeAt', at or whole(room.active_at))
end

-- Adds an entry under the next number; whoever adds the last one saves the room. `body` and `extra` are JSON texts; `extra` may be ''.
-- Returns the event to publish, and as text the entry's number, ordinal and time.
local function add_entry(keys, room, kind, author, at, body, extra)
  local number, ordinal, time = whole(next_number(keys, room)), whole(room.ordinal), whole(at)
  local text = '[' .. number .. ',' .. kind .. ',"' .. author .. '",' .. time .. ',' .. ordinal .. ',' .. body
    .. (extra ~= '' and ',' .. extra or '') .. ']'
  room.active_at = at
  redis.call('ZADD', keys.timeline, number, text)
  return event(room, number, text), number, ordinal, time
end

-- Adds an entry and saves the room. Returns the event to publish.
local function append_entry(keys, room, kind, author, at, body, extra)
  local news, number, ordinal, time = add_entry(keys, room, kind, author, at, body, extra)
  save_room(keys, room, number, ordinal, time)
  return news
end

-- Stores a changed entry under the next number as its latest change. Returns the event to publish and the entry's text.
local function append_change(keys, room, entry)
  entry[7].v = next_number(keys, room)
  local number = whole(room.number)
  local text = replace_entry(keys.timeline, entry)
  redis.call('ZADD', keys.changes, number, whole(entry[1]))
  save_room(keys, room, number)
  return event(room, number, text), text
end
