#!lua
-- Moves the copy of a room on from exactly one position. 1: done; 0: there is none; else where it stands instead.
-- What is no position is none: the whole is written over it. A copy that was about to expire lives again.
-- KEYS[1]  the copy
-- ARGV[1]  where it must stand: "<sequence> <index> <time>"
-- ARGV[2]  how many fields go; then these
-- then     the fields to set, each followed by its value; `at` is one of them
local at = redis.call('HGET', KEYS[1], 'at')
if not at or not string.match(at, '^%d+ %d+ %d+$') then return 0 end
if at ~= ARGV[1] then return at end

-- Lua passes only some thousand arguments at once.
local function each(command, first, last)
  for i = first, last, 1000 do
    redis.call(command, KEYS[1], unpack(ARGV, i, math.min(i + 999, last)))
  end
end

local gone = tonumber(ARGV[2])
each('HDEL', 3, 2 + gone)
each('HSET', 3 + gone, #ARGV)
redis.call('PERSIST', KEYS[1])
return 1
