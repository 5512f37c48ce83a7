-- The first of the room's owners and moderators, in join order, who has that role, leaving one out; nil where none has.
local function first_with_role(keys, role, except)
  for _, user in ipairs(redis.call('ZRANGE', keys.staff, 0, -1)) do
    local value = user ~= except and redis.call('HGET', keys.roles, user)
    if value and string.match(value, '^%u+') == role then return user end
  end
  return nil
end

-- Sets a member's role; `position` is the place in join order.
local function set_role(keys, user, role, joined_at, position)
  redis.call('HSET', keys.roles, user, role .. ' ' .. joined_at)
  if role == 'MEMBER' then
    redis.call('ZREM', keys.staff, user)
  else
    redis.call('ZADD', keys.staff, position, user)
  end
end
