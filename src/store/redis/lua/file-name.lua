#!lua
-- Files an id under a name and its words, instead of whatever it was filed under before; without a name takes it out.
-- Members of the sorted sets are the folded text, a NUL and the id, all with score 0: they stand in the order of their bytes.
--
-- KEYS[1] {dir:NAME}:names  KEYS[2] {dir:NAME}:words  KEYS[3] {dir:NAME}:entries
-- ARGV[1] id  ARGV[2] '=' and the name as given, or ''  ARGV[3] the folded name  ARGV[4..] what search finds it by, in the
-- order of bytes
-- Returns { 'OK' }

local id = ARGV[1]
local function file(text) return text .. '\0' .. id end

local before = redis.call('HGET', KEYS[3], id)
if before then
  local terms = cjson.decode(before)
  redis.call('ZREM', KEYS[1], file(terms[2]))
  for i = 3, #terms do redis.call('ZREM', KEYS[2], file(terms[i])) end
  redis.call('HDEL', KEYS[3], id)
end
if ARGV[2] ~= '' then
  local terms = { string.sub(ARGV[2], 2) }
  redis.call('ZADD', KEYS[1], 0, file(ARGV[3]))
  for i = 3, #ARGV do
    terms[i - 1] = ARGV[i]
    if i > 3 then redis.call('ZADD', KEYS[2], 0, file(ARGV[i])) end
  end
  redis.call('HSET', KEYS[3], id, cjson.encode(terms))
end
return { 'OK' }
