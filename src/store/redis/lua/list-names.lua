#!lua flags=no-writes
-- Filed ids in order. In a search an id that matches by several of its words comes once, where it matches first.
--
-- KEYS[1] {dir:NAME}:names or {dir:NAME}:words  KEYS[2] {dir:NAME}:entries
-- ARGV[1] what a match starts with, '' = everything  ARGV[2] the member to continue behind, '' = from the first  ARGV[3] how many
-- Returns for each id, name, member

local prefix, limit = ARGV[1], tonumber(ARGV[3])
local last = prefix == '' and '+' or '(' .. prefix .. '\255'
local behind = ARGV[2] ~= '' and '(' .. ARGV[2] or prefix == '' and '-' or '[' .. prefix
local answer = {}

-- Whether the text is the first of an entry's terms that matches. The terms come in the order of their bytes; comparing them here
-- would follow the locale of the server.
local function first_match(terms, text)
  for i = 3, #terms do
    if string.sub(terms[i], 1, #prefix) == prefix then return terms[i] == text end
  end
  return false
end

repeat
  local page = redis.call('ZRANGE', KEYS[1], behind, last, 'BYLEX', 'LIMIT', 0, limit)
  for _, member in ipairs(page) do
    local text, id = string.match(member, '^(%Z*)%z(.*)$')
    local filed = redis.call('HGET', KEYS[2], id)
    local terms = filed and cjson.decode(filed)
    if terms and (prefix == '' or first_match(terms, text)) and #answer < 3 * limit then
      answer[#answer + 1] = id
      answer[#answer + 1] = terms[1]
      answer[#answer + 1] = member
    end
    behind = '(' .. member
  end
until #page < limit or #answer == 3 * limit
return answer
