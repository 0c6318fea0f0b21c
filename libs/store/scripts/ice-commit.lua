#!lua flags=allow-oom
-- Stores what was fetched, if the claim is still the caller's own. Answers its generation, or nothing.
-- KEYS[1]  the set
-- KEYS[2]  the token of whoever fetches
-- KEYS[3]  there while nobody may try
-- KEYS[4]  how many attempts failed in a row
-- KEYS[5]  the last generation
-- ARGV[1]  the caller's token
-- ARGV[2]  the set's bytes
-- ARGV[3]  milliseconds of its life
-- ARGV[4]  milliseconds that the last generation is remembered
if redis.call('GET', KEYS[2]) ~= ARGV[1] then return false end
-- By the time as well: whoever saw sets that an emptied server forgot must take the next one for newer.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local generation = math.max(tonumber(redis.call('GET', KEYS[5]) or 0) + 1, now)
redis.call('SET', KEYS[5], string.format('%.0f', generation), 'PX', ARGV[4])
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[3], KEYS[4])
redis.call('HSET', KEYS[1], 'gen', string.format('%.0f', generation), 'bytes', ARGV[2], 'life', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return generation
