#!lua
-- Answers an offer under a code of its own. Answers the milliseconds since 1970, or `taken`, `no_offer`, `crowded`.
-- KEYS[1]  the code of the answer
-- KEYS[2]  the code of the offer
-- KEYS[3]  the answers to the offer: `<milliseconds since 1970> <what is known>` each
-- KEYS[4]  how many codes were ever made in this realm
-- ARGV[1]  what is known under the code of the answer
-- ARGV[2]  its holder behind a `=`; empty: none
-- ARGV[3]  milliseconds of a life
-- ARGV[4]  milliseconds of the rest behind it
-- ARGV[5]  the most answers to one offer
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if redis.call('EXISTS', KEYS[1]) == 1 then return 'taken' end
local at = tonumber(redis.call('HGET', KEYS[2], 'at') or nil)
if not at or now - at > tonumber(ARGV[3]) or redis.call('HGET', KEYS[2], 'kind') ~= 'offer' then return 'no_offer' end
if redis.call('LLEN', KEYS[3]) >= tonumber(ARGV[5]) then return 'crowded' end
local stamp = string.format('%.0f', now)
redis.call('HSET', KEYS[1], 'kind', 'answer', 'record', ARGV[1], 'holder', ARGV[2], 'at', stamp)
redis.call('PEXPIRE', KEYS[1], ARGV[3] + ARGV[4])
redis.call('RPUSH', KEYS[3], stamp .. ' ' .. ARGV[1])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
redis.call('HINCRBY', KEYS[4], 'answers', 1)
return now
