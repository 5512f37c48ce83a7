-- Timeline entries: [number, kind, author, at, ordinal, body, extra]. `extra` has only the keys that apply, so no table
-- here is ever empty: cjson would write an empty list as an object.

-- The value of a JSON text, or nil where it is none: a damaged entry must not stop the room.
local function decode(text)
  local ok, value = pcall(cjson.decode, text)
  if ok and type(value) == 'table' then return value end
  return nil
end

local function encode(entry)
  if entry[7] and next(entry[7]) == nil then entry[7] = nil end
  -- cjson escapes every slash; undone, since links are what chat is full of.
  return (string.gsub(cjson.encode(entry), '\\/', '/'))
end

-- The entry with that number and, where given, that time; nil where there is none. Also its stored text.
local function find_entry(timeline, number, at)
  local text = redis.call('ZRANGE', timeline, number, number, 'BYSCORE')[1]
  local entry = text and decode(text)
  if not entry or (at and entry[4] ~= tonumber(at)) then return nil end
  entry[7] = entry[7] or {}
  return entry, text
end

-- Puts the entry in place of what stood under its number. Returns its text.
local function replace_entry(timeline, entry)
  local text = encode(entry)
  redis.call('ZREMRANGEBYSCORE', timeline, entry[1], entry[1])
  redis.call('ZADD', timeline, entry[1], text)
  return text
end

-- Counts one answer more or less under a message, which is no event of its own.
local function count_reply(timeline, parent, step)
  local count = (parent[7].c or 0) + step
  parent[7].c = count > 0 and count or nil
  replace_entry(timeline, parent)
end

-- The key of the set of those who reacted to a message with an emoji.
local function reaction_key(room_key, number, emoji)
  local hex = string.gsub(emoji, '.', function(byte) return string.format('%02x', string.byte(byte)) end)
  return room_key .. ':reactions:' .. string.format('%.0f', number) .. ':' .. hex
end

local function drop_reactions(room_key, entry)
  for _, reaction in ipairs(entry[7].x or {}) do
    redis.call('DEL', reaction_key(room_key, entry[1], reaction[1]))
  end
end
