#!lua flags=no-writes
-- The answers to a living offer in order, each its milliseconds since 1970 and what is known of it. None of them is
-- older than the offer, so all of them live.
-- KEYS[1]  the code of the offer
-- KEYS[2]  the answers to it: `<milliseconds since 1970> <what is known>` each
-- ARGV[1]  milliseconds of a life
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
local at = tonumber(redis.call('HGET', KEYS[1], 'at') or nil)
if not at or now - at > tonumber(ARGV[1]) then return found end
for _, answer in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do
  local stamp, record = string.match(answer, '^(%d+) (.*)$')
  table.insert(found, { tonumber(stamp), record })
end
return found
