#!lua flags=allow-oom
-- Takes one from an allowance. Limits go on when memory is full: else nobody could read either.
--
-- KEYS[1] rate:…
-- ARGV[1] burst  ARGV[2] how many per second
-- Returns { ms until one more would be allowed, 0 where this one was }

--- @include rate

return { take_rate(KEYS[1], ARGV[1], ARGV[2]) }
