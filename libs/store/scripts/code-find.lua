#!lua flags=no-writes
-- When a code was opened (milliseconds since 1970) and what is known under it; nothing once its life is over.
-- KEYS[1]  the code
-- ARGV[1]  milliseconds of a life
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or nil)
if not at or now - at > tonumber(ARGV[1]) then return false end
return { at, redis.call('HGET', KEYS[1], 'record') }
