-- Unread by arithmetic: TEXT messages sent since the receipt, less those trimmed, less those deleted since. Never a counter.
local function unread(room, receipt, deleted)
  local number, ordinal = string.match(receipt, '^(%d+) (%d+)')
  local since = room.ordinal - math.max(tonumber(ordinal), room.floor_ordinal)
  if since <= 0 then return 0 end
  return math.max(0, since - redis.call('ZCOUNT', deleted, '(' .. number, '+inf'))
end

-- Role with join time, receipt and unread count of one user, each '' or 0 where the user is no member.
local function describe_membership(keys, room, user)
  local role = redis.call('HGET', keys.roles, user)
  if not role then return '', '', 0 end
  local receipt = redis.call('HGET', keys.reads, user) or '0 0 0 0'
  return role, receipt, unread(room, receipt, keys.deleted)
end
