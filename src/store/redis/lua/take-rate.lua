#!lua flags=allow-oom
-- Takes one from an allowance. Limits go on when memory is full: else nobody could read either.
--
-- KEYS[1] rate:…
-- ARGV[1] burst  ARGV[2] how many per second
-- Returns { ms until one more would be allowed, 0 where this one was }

--- @include rate

local time = clock()
local whole_at, wait = take_one(read_allowance(KEYS[1], time), ARGV[1], ARGV[2], time)
if wait == 0 then save_allowance(KEYS[1], whole_at, time) end
return { wait }
