#!lua
-- Leaves a message under a living code. Answers its number and the milliseconds since 1970, or `no_code`, `not_holder`,
-- `crowded`.
-- KEYS[1]  the code
-- KEYS[2]  its messages: `<milliseconds since 1970> <number> <text>` each
-- ARGV[1]  the text
-- ARGV[2]  whoever posts, behind a `=`; empty: nobody in particular
-- ARGV[3]  milliseconds of a life
-- ARGV[4]  the most messages of one code
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local life = tonumber(ARGV[3])
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or nil)
if not at or now - at > life then return 'no_code' end
-- Two texts are equal here when they are the same object: the comparison tells nothing by its time.
local holder = redis.call('HGET', KEYS[1], 'holder')
if holder ~= '' and holder ~= ARGV[2] then return 'not_holder' end
while true do
  local first = redis.call('LINDEX', KEYS[2], 0)
  if not first or now - string.match(first, '^%d+') <= life then break end
  redis.call('LPOP', KEYS[2])
end
if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[4]) then return 'crowded' end
local number = redis.call('HINCRBY', KEYS[1], 'messages', 1)
redis.call('RPUSH', KEYS[2], string.format('%.0f %d ', now, number) .. ARGV[1])
redis.call('PEXPIRE', KEYS[2], life)
return { number, now }
