#!lua
-- Adds a name to a list in which each name has an end of its own, or moves its end; takes out those that are over.
-- The list goes with the last of them.
-- KEYS[1]  the list: names by the milliseconds since 1970 at which they end
-- ARGV[1]  the name
-- ARGV[2]  milliseconds until its end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now))
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return 1
