#!lua flags=allow-oom
-- Says which life this server is in: a marker that is gone or another one tells that the server was emptied.
-- It may write, so a server that takes no writes refuses it, and is found out too.
-- KEYS[1]  the marker
-- ARGV[1]  what to set it to where there is none
-- ARGV[2]  milliseconds that it lives without being looked at
local marker = redis.call('GET', KEYS[1])
if marker then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return marker
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
