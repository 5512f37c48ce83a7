-- Takes one from an allowance, by the generic cell rate algorithm (GCRA; ITU-T I.371). The key holds the time, in ms, at which the
-- allowance would be whole again; it goes by itself at that time. Returns the ms until one more would be allowed, 0 where this
-- one was; a refused call takes nothing.
local function take_rate(key, burst, per_second)
  local clock = redis.call('TIME')
  local time = clock[1] * 1000 + clock[2] / 1000
  local interval = 1000 / per_second
  local whole = math.max(tonumber(redis.call('GET', key) or 0), time) + interval
  local wait = whole - time - burst * interval
  -- A thousandth of a millisecond of slack for what doubles round off.
  if wait > 0.001 then return math.max(1, math.ceil(wait)) end
  redis.call('SET', key, string.format('%.3f', whole), 'PX', math.max(1, math.ceil(whole - time)))
  return 0
end
