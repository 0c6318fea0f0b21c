#!lua flags=no-writes
-- The living messages of a code in order, each its milliseconds since 1970, its number and its text.
-- KEYS[1]  the messages: `<milliseconds since 1970> <number> <text>` each
-- ARGV[1]  milliseconds of a life
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local found = {}
for _, message in ipairs(redis.call('LRANGE', KEYS[1], 0, -1)) do
  local stamp, number, text = string.match(message, '^(%d+) (%d+) (.*)$')
  if now - stamp <= tonumber(ARGV[1]) then table.insert(found, { tonumber(stamp), tonumber(number), text }) end
end
return found
