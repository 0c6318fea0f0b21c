#!lua
-- Adds one; the window begins with the first and nothing prolongs it. Answers the count and the milliseconds left.
-- KEYS[1]  the counter
-- ARGV[1]  milliseconds of the window
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return { count, redis.call('PTTL', KEYS[1]) }
