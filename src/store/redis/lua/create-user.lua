#!lua
-- Stores an account under its id, before its username is claimed. Where there is one already it stays as it is.
--
-- KEYS[1] {user:ID}
-- ARGV[1..] names and values of the fields
-- Returns { 'OK', username, displayName, avatarUrl, isBot, createdAt }

--- @include now

if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('HSET', KEYS[1], 'createdAt', now(), unpack(ARGV)) end
return { 'OK', unpack(redis.call('HMGET', KEYS[1], 'username', 'displayName', 'avatarUrl', 'isBot', 'createdAt')) }
