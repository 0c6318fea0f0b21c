#!lua flags=no-writes
-- The count and the milliseconds left of its window; 0 and 0 when there is none.
-- KEYS[1]  the counter
local count = redis.call('GET', KEYS[1])
if not count then return { 0, 0 } end
return { tonumber(count), redis.call('PTTL', KEYS[1]) }
