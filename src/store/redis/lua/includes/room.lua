-- The numbers of a room, or nil where there is no such room.
local function read_room(key)
  local f = redis.call('HMGET', key, 'kind', 'epoch', 'number', 'ordinal', 'activeAt', 'floor', 'floorOrdinal')
  if not f[1] then return nil end
  return {
    kind = f[1],
    epoch = f[2],
    number = tonumber(f[3]),
    ordinal = tonumber(f[4]),
    active_at = tonumber(f[5]),
    floor = tonumber(f[6]) or 0,
    floor_ordinal = tonumber(f[7]) or 0,
  }
end

-- What a room tells about itself, in the order the reader in TypeScript expects.
local function describe_room(key)
  return redis.call('HMGET', key, 'kind', 'name', 'topic', 'createdAt', 'members', 'epoch', 'number', 'activeAt')
end
