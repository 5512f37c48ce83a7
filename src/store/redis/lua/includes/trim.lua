--- @include entry

-- How many entries one call takes away at most: a room whose limit was lowered shrinks over many calls.
local TRIM_MAX = 100

-- Takes the oldest entries beyond `keep` (0 = none) away, with all that hangs on them, and notes how far back replay reaches.
local function trim(keys, room, keep)
  if keep == 0 then return end
  local excess = math.min(redis.call('ZCARD', keys.timeline) - keep, TRIM_MAX)
  if excess <= 0 then return end
  local oldest = redis.call('ZRANGE', keys.timeline, 0, excess - 1, 'WITHSCORES')
  local answered = redis.call('EXISTS', keys.replies) == 1
  for i = 1, #oldest, 2 do
    local number = tonumber(oldest[i + 1])
    local entry = decode(oldest[i]) or { number, 0, '', 0, room.floor_ordinal, '' }
    local extra = entry[7] or {}
    local padded = string.format('%014.0f', number)
    entry[7] = extra
    drop_reactions(keys.room, entry)
    if extra.v then redis.call('ZREM', keys.changes, oldest[i + 1]) end
    if extra.d then redis.call('ZREM', keys.deleted, oldest[i + 1]) end
    if extra.r then redis.call('ZREM', keys.replies, string.format('%014.0f', extra.r) .. ':' .. padded) end
    if answered then redis.call('ZREMRANGEBYLEX', keys.replies, '[' .. padded .. ':', '(' .. padded .. ';') end
    room.floor = math.max(room.floor, number, extra.v or 0)
    room.floor_ordinal = entry[5]
  end
  redis.call('ZREMRANGEBYRANK', keys.timeline, 0, excess - 1)
  redis.call('HSET', keys.room, 'floor', room.floor, 'floorOrdinal', room.floor_ordinal)
end
