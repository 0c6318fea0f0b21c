#!lua flags=allow-oom
-- Gives a claim up after an attempt that failed, if it is still the caller's own. 1: done; 0: it is not.
-- KEYS[1]  the token of whoever fetches
-- KEYS[2]  there while nobody may try
-- KEYS[3]  how many attempts failed in a row
-- ARGV[1]  the caller's token
-- ARGV[2]  milliseconds that nobody may try
-- ARGV[3]  milliseconds that failed attempts are remembered
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('UNLINK', KEYS[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[2])
redis.call('INCR', KEYS[3])
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return 1
