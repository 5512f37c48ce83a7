--- @include now

-- Allowances, by the generic cell rate algorithm (GCRA; ITU-T I.371). The key holds the time, in ms, at which the allowance would be whole
-- again; it goes by itself at that time.

-- When the allowance would be whole again, were nothing more taken.
local function read_allowance(key, time)
  return math.max(tonumber(redis.call('GET', key) or 0), time)
end

-- Takes one from an allowance that would be whole at `whole_at`. Returns when it would be whole then, and the ms until one more would be
-- allowed, 0 where this one was: one that was not takes nothing.
local function take_one(whole_at, burst, per_second, time)
  local interval = 1000 / per_second
  local next_whole = whole_at + interval
  local wait = next_whole - time - burst * interval
  -- A thousandth of a millisecond of slack for what doubles round off.
  if wait > 0.001 then return whole_at, math.max(1, math.ceil(wait)) end
  return next_whole, 0
end

local function save_allowance(key, whole_at, time)
  redis.call('SET', key, string.format('%.3f', whole_at), 'PX', string.format('%.0f', math.max(1, math.ceil(whole_at - time))))
end
