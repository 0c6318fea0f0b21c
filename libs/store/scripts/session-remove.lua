#!lua flags=allow-oom
-- Removes a key that is still what it was. 1: done; 0: it is something else now, or gone.
-- KEYS[1]  the key
-- ARGV[1]  what it was
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
