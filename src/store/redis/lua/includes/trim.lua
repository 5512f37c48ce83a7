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
    local text, number = oldest[i], tonumber(oldest[i + 1])
    room.floor = math.max(room.floor, number)
    -- Most end with their body: nothing hangs on those but answers.
    local entry = string.sub(text, -2) ~= '"]' and decode(text)
    local extra = entry and entry[7]
    if extra then
      drop_reactions(keys.room, entry)
      if extra.v then redis.call('ZREM', keys.changes, oldest[i + 1]) end
      if extra.d then redis.call('ZREM', keys.deleted, oldest[i + 1]) end
      if extra.r then redis.call('ZREM', keys.replies, string.format('%014.0f:%014.0f', extra.r, number)) end
      room.floor = math.max(room.floor, extra.v or 0)
    end
    if answered then
      local padded = string.format('%014.0f', number)
      redis.call('ZREMRANGEBYLEX', keys.replies, '[' .. padded .. ':', '(' .. padded .. ';')
    end
  end
  -- Of the last one, or the last that can be read.
  for i = #oldest - 1, 1, -2 do
    local entry = decode(oldest[i])
    if entry then
      room.floor_ordinal = entry[5]
      break
    end
  end
  redis.call('ZREMRANGEBYRANK', keys.timeline, 0, excess - 1)
  redis.call('HSET', keys.room, 'floor', room.floor, 'floorOrdinal', room.floor_ordinal)
end
