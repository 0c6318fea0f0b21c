#!lua
-- Opens a code. Answers the milliseconds since 1970, or `taken`.
-- KEYS[1]  the code
-- KEYS[2]  how many codes were ever made in this realm
-- ARGV[1]  what is known under the code
-- ARGV[2]  its holder behind a `=`; empty: none
-- ARGV[3]  milliseconds of its life and rest
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('EXISTS', KEYS[1]) == 1 then return 'taken' end
redis.call('HSET', KEYS[1], 'kind', 'offer', 'record', ARGV[1], 'holder', ARGV[2], 'at', string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('HINCRBY', KEYS[2], 'offers', 1)
return now
