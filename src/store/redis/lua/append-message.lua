#!lua
-- Appends TEXT messages to one room, in order, and moves their authors' receipts to them: an event each. What is read and written once
-- for a call is most of what one costs, so that several at a time cost little more. An idempotency key used within 24 h gives the first
-- message again, before membership is looked at, so that a retry of what was done is answered even after a kick.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :reads  KEYS[6] :deleted  KEYS[7] :replies
-- KEYS[8] :epochs  KEYS[9] channel  KEYS[10..] rate:… of the allowance of each message, from which one is taken first, where given;
-- never on a cluster
-- Derived: {room:ID}:keys:<day>:<n>, since only the store knows the day; {room:ID}:reactions:<number>:<emoji> of trimmed messages,
-- which only their entries name.
-- ARGV[1] entries to keep, 0 = all  ARGV[2] burst and ARGV[3] rate per second of the allowances, or '' and ''
-- ARGV[4..] of each message how many values follow (2 or 7, for each costs, on the way and in Redis), and those: author, body as JSON
--   text; and then extra as JSON text, number and time of the message answered or '' and '', field and digest of the idempotency key or
--   '' and ''
-- Returns for each message one text of words (a list of its own for each is slower to write and to read):
--   'RATE_LIMITED ms' | 'OK number time ordinal' | 'DUPLICATE number time ordinal entry', without the entry where that has been trimmed
--   | 'KEY_REUSED' | 'NO_ROOM' | 'NOT_MEMBER kind' | 'NO_MESSAGE'

--- @include room
--- @include numbering
--- @include trim
--- @include rate
--- @include used-keys

local keys = {
  room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], deleted = KEYS[6], replies = KEYS[7], epochs = KEYS[8],
}
local used_keys = keys.room .. ':keys:'
local time = clock()
local room = read_room(keys.room)
local at = room and entry_time(room, time)
-- What has changed, by key or author: written once, however many messages changed it.
local allowances, receipts, members, news = {}, {}, {}, {}

local function is_member(author)
  if members[author] == nil then members[author] = redis.call('HEXISTS', KEYS[4], author) == 1 end
  return members[author]
end

local function append(allowance, author, body, extra, parent_number, parent_at, field, digest)
  if allowance then
    local whole_at, wait = take_one(allowances[allowance] or read_allowance(allowance, time), ARGV[2], ARGV[3], time)
    if wait > 0 then return 'RATE_LIMITED ' .. wait end
    allowances[allowance] = whole_at
  end
  if not room then return 'NO_ROOM' end
  local used = field ~= '' and find_used_key(used_keys, field, at)
  if used then
    if used.digest ~= digest then return 'KEY_REUSED' end
    local _, text = find_entry(keys.timeline, used.number, used.at)
    return string.format('DUPLICATE %.0f %.0f %.0f', used.number, used.at, used.ordinal) .. (text and ' ' .. text or '')
  end

  if not is_member(author) then return 'NOT_MEMBER ' .. room.kind end
  local parent = nil
  if parent_number ~= '' then
    parent = find_entry(keys.timeline, parent_number, parent_at)
    if not parent then return 'NO_MESSAGE' end
  end

  room.ordinal = room.ordinal + 1
  local event, number, ordinal, sent_at = add_entry(keys, room, 0, author, at, body, extra)
  news[#news + 1] = event
  receipts[author] = number .. ' ' .. ordinal .. ' ' .. sent_at .. ' ' .. sent_at
  if parent then
    redis.call('ZADD', keys.replies, 0, string.format('%014.0f:%014.0f', parent[1], room.number))
    count_reply(keys.timeline, parent, 1)
  end
  if field ~= '' then remember_key(used_keys, field, at, room.number, room.ordinal, digest) end
  return 'OK ' .. number .. ' ' .. sent_at .. ' ' .. ordinal
end

local answers = {}
local function append_all()
  local i = 4
  while ARGV[i] do
    local count = tonumber(ARGV[i])
    local allowance = KEYS[10 + #answers]
    answers[#answers + 1] = count == 2 and append(allowance, ARGV[i + 1], ARGV[i + 2], '', '', '', '', '')
      or append(allowance, unpack(ARGV, i + 1, i + 7))
    i = i + count + 1
  end
end

-- A fault (data of the wrong kind) must not leave numbers that have been given out to be given out again.
local whole, fault = pcall(append_all)
for key, whole_at in pairs(allowances) do save_allowance(key, whole_at, time) end
if #news > 0 then
  save_room(keys, room)
  for author, receipt in pairs(receipts) do redis.call('HSET', KEYS[5], author, receipt) end
  trim(keys, room, tonumber(ARGV[1]))
  for _, event in ipairs(news) do publish(KEYS[9], event) end
end
if not whole then error(fault) end
return answers
