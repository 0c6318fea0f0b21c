#!lua flags=allow-oom
-- Lets a picture live on, if it is still the one that its holder put. Answers `kept`, `absent` or `theirs`.
-- KEYS[1]  the picture
-- ARGV[1]  the node that held it
-- ARGV[2]  its digest
-- ARGV[3]  milliseconds of its life
local there = redis.call('HMGET', KEYS[1], 'holder', 'digest')
if not there[1] then return 'absent' end
if there[1] ~= ARGV[1] then return 'theirs' end
if there[2] ~= ARGV[2] then return 'absent' end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 'kept'
