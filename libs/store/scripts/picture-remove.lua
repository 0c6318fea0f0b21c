#!lua flags=allow-oom
-- Removes a picture that nobody else holds by now.
-- KEYS[1]  the picture
-- ARGV[1]  the node that held it
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
return redis.call('UNLINK', KEYS[1])
