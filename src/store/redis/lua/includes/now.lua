-- Milliseconds since 1970 by this server's clock: the only clock there is.
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
