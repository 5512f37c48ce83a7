#!lua
-- Appends a TEXT message and moves its author's receipt to it: one event. An idempotency key used within 24 h gives the first
-- message again, before membership is looked at, so that a retry of what was done is answered even after a kick.
--
-- KEYS[1] {room:ID}  KEYS[2] :timeline  KEYS[3] :changes  KEYS[4] :roles  KEYS[5] :reads  KEYS[6] :deleted  KEYS[7] :replies
-- KEYS[8] :epochs  KEYS[9] channel  KEYS[10] rate:… of an allowance from which one is taken first, where given; never on a cluster
-- Derived: {room:ID}:keys:<day>:<n>, since only the store knows the day; {room:ID}:reactions:<number>:<emoji> of trimmed messages,
-- which only their entries name.
-- ARGV[1] author  ARGV[2] body as JSON text  ARGV[3] entries to keep, 0 = all
-- ARGV[4] burst and ARGV[5] rate per second of the allowance, or '' and ''
-- ARGV[6] extra as JSON text or ''
-- ARGV[7] number and ARGV[8] time of the message answered, or '' and ''
-- ARGV[9] field and ARGV[10] digest of the idempotency key, or '' and ''
-- Those at the end that are '' may be left out: each argument costs, on the way and in Redis.
-- Returns { 'RATE_LIMITED', ms } | { 'OK', number, time, ordinal } | { 'DUPLICATE', entry or '' where trimmed, number, time, ordinal }
--   | { 'KEY_REUSED' } | { 'NO_ROOM' } | { 'NOT_MEMBER', kind } | { 'NO_MESSAGE' }

--- @include room
--- @include numbering
--- @include trim
--- @include rate
--- @include used-keys

local keys = {
  room = KEYS[1], timeline = KEYS[2], changes = KEYS[3], deleted = KEYS[6], replies = KEYS[7], epochs = KEYS[8],
}
local author, field, digest = ARGV[1], ARGV[9] or '', ARGV[10]
local parent_number = ARGV[7] or ''
if KEYS[10] then
  local wait = take_rate(KEYS[10], ARGV[4], ARGV[5])
  if wait > 0 then return { 'RATE_LIMITED', wait } end
end

local room = read_room(keys.room)
if not room then return { 'NO_ROOM' } end
local at = entry_time(room)

local used_keys = keys.room .. ':keys:'
local used = field ~= '' and find_used_key(used_keys, field, at)
if used then
  if used.digest ~= digest then return { 'KEY_REUSED' } end
  local _, text = find_entry(keys.timeline, used.number, used.at)
  return { 'DUPLICATE', text or '', used.number, used.at, used.ordinal }
end

if redis.call('HEXISTS', KEYS[4], author) == 0 then return { 'NOT_MEMBER', room.kind } end
local parent = nil
if parent_number ~= '' then
  parent = find_entry(keys.timeline, parent_number, ARGV[8])
  if not parent then return { 'NO_MESSAGE' } end
end

room.ordinal = room.ordinal + 1
local news = append_entry(keys, room, 0, author, at, ARGV[2], ARGV[6] or '')
redis.call('HSET', KEYS[5], author, string.format('%.0f %.0f %.0f %.0f', room.number, room.ordinal, at, at))
if parent then
  redis.call('ZADD', keys.replies, 0, string.format('%014.0f:%014.0f', parent[1], room.number))
  count_reply(keys.timeline, parent, 1)
end
if field ~= '' then remember_key(used_keys, field, at, room.number, room.ordinal, digest) end
trim(keys, room, tonumber(ARGV[3]))
publish(KEYS[9], news)
return { 'OK', room.number, at, room.ordinal }
