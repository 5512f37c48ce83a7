#!lua flags=no-writes
-- What happened after a position: entries sent after it, and entries sent before but changed after it, in their present state.
-- Whether the position is forked or expired is judged by the caller, from the head, the ended epochs and the floor.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :epochs
-- ARGV[1] number  ARGV[2] how many events at most
-- Returns { epoch, number, floor, 1 where there are more events than that else 0, { epoch, last, ... }, { number, entry, ... } } | {}

--- @include room

local room = read_room(KEYS[1])
if not room then return {} end
local after, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local ended = redis.call('ZRANGE', KEYS[4], 0, -1, 'WITHSCORES')
local function answer(more, events) return { room.epoch, room.number, room.floor, more, ended, events } end

if after < room.floor or after >= room.number then return answer(0, {}) end
local behind = '(' .. ARGV[1]
local sent = redis.call('ZCOUNT', KEYS[2], behind, '+inf')
-- Of the entries changed after the position at most `sent` were also sent after it, so this many changes are too many by
-- themselves, and no more than twice the limit are ever looked at.
if sent > limit or redis.call('ZCOUNT', KEYS[3], behind, '+inf') > sent + limit then return answer(1, {}) end

local events = {}
local changed = redis.call('ZRANGE', KEYS[3], behind, '+inf', 'BYSCORE', 'WITHSCORES')
for i = 1, #changed, 2 do
  if tonumber(changed[i]) <= after then
    local entry = redis.call('ZRANGE', KEYS[2], changed[i], changed[i], 'BYSCORE')[1]
    if entry then
      events[#events + 1] = changed[i + 1]
      events[#events + 1] = entry
    end
  end
end
if #events / 2 + sent > limit then return answer(1, {}) end
local entries = redis.call('ZRANGE', KEYS[2], behind, '+inf', 'BYSCORE', 'WITHSCORES')
for i = 1, #entries, 2 do
  events[#events + 1] = entries[i + 1]
  events[#events + 1] = entries[i]
end
return answer(0, events)
