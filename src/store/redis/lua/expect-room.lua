#!lua
-- Puts a room on a user's list before they join it. The score is when that was, or when the join was confirmed.
--
-- KEYS[1] {user:ID}:rooms
-- ARGV[1] room id  ARGV[2] how long the list may grow
-- Returns { 'OK' } | { 'LIST_FULL' }

--- @include now

local since = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not since and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return { 'LIST_FULL' } end
redis.call('ZADD', KEYS[1], now(), ARGV[1])
return { 'OK' }
