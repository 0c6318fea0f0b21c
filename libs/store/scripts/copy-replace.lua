#!lua
-- Puts a whole copy in place of an older one, a missing one, or one of an earlier life of the log.
-- 1: done; 0: what is there is as new or newer, and stays.
-- KEYS[1]  the copy
-- ARGV[1]  1: the writer knows that the log was reborn
-- ARGV[2]  milliseconds that the copy lives; 0: for good
-- ARGV[3]  where it stands: "<sequence> <index> <time>"
-- then     its fields, each followed by its value
local function place(text)
  local seq, index, time = string.match(text or '', '^(%d+) (%d+) (%d+)$')
  if seq then return { seq = tonumber(seq), index = tonumber(index), time = tonumber(time) } end
end

-- Within one life of the log sequence and time rise together. A position of a later life has a later time, perhaps
-- with a lower sequence: only a writer who knows of the rebirth may say that it is newer.
local function newer(at, there)
  if at.time < there.time then return false end
  if at.seq > there.seq or (at.seq == there.seq and at.index > there.index) then return true end
  return ARGV[1] == '1' and at.time > there.time
end

local there = place(redis.call('HGET', KEYS[1], 'at'))
if there and not newer(place(ARGV[3]), there) then return 0 end

redis.call('UNLINK', KEYS[1])
for i = 4, #ARGV, 1000 do
  redis.call('HSET', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
if ARGV[2] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
