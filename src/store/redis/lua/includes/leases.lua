--- @include now

-- A user's leases: {user:ID}:leases has one field per holder, `lease:<holder>` = when it ends, and `seen` = when the user was
-- last known connected. Returns the latest end among those that live, or nil, and the fields that have ended.
local function sort_leases(key, time)
  local fields = redis.call('HGETALL', key)
  local latest, ended = nil, {}
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, 6) == 'lease:' then
      local ends = tonumber(fields[i + 1])
      if ends > time then
        latest = math.max(latest or 0, ends)
      else
        ended[#ended + 1] = fields[i]
      end
    end
  end
  return latest, ended
end
