#!lua flags=allow-oom
-- Removes the copy of a room unless it has moved beyond a position, or belongs to a later life of the log.
-- KEYS[1]  the copy
-- ARGV[1]  the position: "<sequence> <index> <time>"
local function place(text)
  local seq, index, time = string.match(text or '', '^(%d+) (%d+) (%d+)$')
  if seq then return { seq = tonumber(seq), index = tonumber(index), time = tonumber(time) } end
end

local there, upTo = place(redis.call('HGET', KEYS[1], 'at')), place(ARGV[1])
if there then
  local beyond = there.seq > upTo.seq or (there.seq == upTo.seq and there.index > upTo.index)
  if beyond or there.time > upTo.time then return 0 end
end
redis.call('UNLINK', KEYS[1])
return 1
