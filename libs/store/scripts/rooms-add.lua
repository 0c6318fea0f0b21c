#!lua
-- Adds rooms to those of a node, and puts off the end of all of them.
-- KEYS[1]  the rooms of the node
-- ARGV[1]  milliseconds that they are known from now on
-- then     the rooms; none only prolongs what there is
for i = 2, #ARGV, 1000 do
  redis.call('SADD', KEYS[1], unpack(ARGV, i, math.min(i + 999, #ARGV)))
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1
