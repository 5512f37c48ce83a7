#!lua flags=allow-oom
-- Takes one from an allowance, by the generic cell rate algorithm (GCRA; ITU-T I.371). The key holds the time, in ms, at which the
-- allowance would be whole again; it goes by itself at that time. A refused call takes nothing.
-- Limits go on when memory is full: else nobody could read either.
--
-- KEYS[1] rate:HASH
-- ARGV[1] burst  ARGV[2] how many per second
-- Returns { ms until one more would be allowed, 0 where this one was }

local clock = redis.call('TIME')
local time = clock[1] * 1000 + clock[2] / 1000
local interval = 1000 / ARGV[2]
local whole = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), time) + interval
local wait = whole - time - ARGV[1] * interval
-- A thousandth of a millisecond of slack for what doubles round off.
if wait > 0.001 then return { math.max(1, math.ceil(wait)) } end
redis.call('SET', KEYS[1], string.format('%.3f', whole), 'PX', math.max(1, math.ceil(whole - time)))
return { 0 }
