#!lua
-- Replaces the password hash of an account that exists.
--
-- KEYS[1] {user:ID}
-- ARGV[1] hash
-- Returns { 'OK' }

if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'passwordHash', ARGV[1]) end
return { 'OK' }
