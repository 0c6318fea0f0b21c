#!lua
-- Puts a picture in place of whatever is there.
-- KEYS[1]  the picture
-- ARGV[1]  its type
-- ARGV[2]  its digest
-- ARGV[3]  the node that holds it
-- ARGV[4]  its bytes
-- ARGV[5]  milliseconds of its life
redis.call('HSET', KEYS[1], 'type', ARGV[1], 'digest', ARGV[2], 'holder', ARGV[3], 'bytes', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
