-- Whether every guard from ARGV[first] on, pairs of user id and role ('' = no member), still holds.
local function guards_hold(roles, first)
  for i = first, #ARGV, 2 do
    local value = redis.call('HGET', roles, ARGV[i])
    local role = value and string.match(value, '^%u+') or ''
    if role ~= ARGV[i + 1] then return false end
  end
  return true
end
