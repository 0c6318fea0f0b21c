#!lua flags=allow-oom
-- Gives a picture another holder. Answers its digest, or nothing where there is none.
-- KEYS[1]  the picture
-- ARGV[1]  the node that holds it from now on
-- ARGV[2]  milliseconds of its life
local digest = redis.call('HGET', KEYS[1], 'digest')
if not digest then return false end
redis.call('HSET', KEYS[1], 'holder', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return digest
