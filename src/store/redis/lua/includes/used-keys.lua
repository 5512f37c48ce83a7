-- The idempotency keys used in a room. Those of one day (time / DAY) lie in hashes <prefix><day>:<n>, which Redis keeps compact while
-- they are small: KEYS_PER_HASH to each on average. When one more hash is due, it takes over its part of an older one (linear
-- hashing), so one look finds a key, however many there are. Hash 0 also has under 'n' how many keys the day has. All of them go
-- when the day after is over.
-- A field stands for author and key; its value is number, ms of the day and ordinal of the message in 5, 4 and 5 bytes, and what
-- stands for the payload.

local DAY = 86400000
local KEYS_PER_HASH = 64

local function hashes_for(used)
  return math.floor(used / KEYS_PER_HASH) + 1
end

-- The greatest power of two that is not above `count`.
local function whole_part(count)
  local whole = 1
  while whole * 2 <= count do whole = whole * 2 end
  return whole
end

-- Which of `count` hashes a field belongs to.
local function hash_of(field, count)
  local whole = whole_part(count)
  local place = tonumber(string.sub(redis.sha1hex(field), 1, 8), 16)
  local n = place % (whole * 2)
  return n < count and n or n - whole
end

-- Moves to the last of `count` hashes what belongs there now.
local function split_hash(name, count, ends)
  local last = count - 1
  local from, to = name .. (last - whole_part(last)), name .. last
  local held = redis.call('HGETALL', from)
  for i = 1, #held, 2 do
    if held[i] ~= 'n' and hash_of(held[i], count) == last then
      redis.call('HSET', to, held[i], held[i + 1])
      redis.call('HDEL', from, held[i])
    end
  end
  redis.call('PEXPIREAT', to, ends)
end

-- What was sent with a key within the last DAY before `at`: its number, time, ordinal and digest; nil where nothing was.
local function find_used_key(prefix, field, at)
  local today = math.floor(at / DAY)
  for day = today, today - 1, -1 do
    local name = prefix .. day .. ':'
    local used = redis.call('HGET', name .. 0, 'n')
    local value = used and redis.call('HGET', name .. hash_of(field, hashes_for(used)), field)
    if value then
      local number, ms, ordinal, rest = struct.unpack('>I5I4I5', value)
      local sent_at = day * DAY + ms
      if at - sent_at < DAY then return { number = number, at = sent_at, ordinal = ordinal, digest = string.sub(value, rest) } end
    end
  end
  return nil
end

-- Remembers what was sent with a key at that time.
local function remember_key(prefix, field, at, number, ordinal, digest)
  local day = math.floor(at / DAY)
  local name, ends = prefix .. day .. ':', (day + 2) * DAY
  local used = redis.call('HINCRBY', name .. 0, 'n', 1)
  if used == 1 then redis.call('PEXPIREAT', name .. 0, ends) end
  local count = hashes_for(used)
  if count > hashes_for(used - 1) then split_hash(name, count, ends) end
  local key = name .. hash_of(field, count)
  redis.call('HSET', key, field, struct.pack('>I5I4I5', number, at - day * DAY, ordinal) .. digest)
  if redis.call('HLEN', key) == 1 then redis.call('PEXPIREAT', key, ends) end
end
