-- Milliseconds since 1970, to the microsecond, by this server's clock: the only clock there is.
local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + time[2] / 1000
end

-- The same in whole milliseconds.
local function now()
  return math.floor(clock())
end
