#!lua flags=allow-oom
-- Tries every command that any step uses, on a key that nobody has, and leaves nothing. A command that the user may
-- not use ends the script with an error that says so; that a key is missing or of another kind is no error here.
-- KEYS[1]  a key of ours that is never set
local function refusal(answer)
  if type(answer) ~= 'table' or not answer.err then return nil end
  -- The words of Redis 7.0, and of all that came after.
  for _, words in ipairs({ 'NOPERM', 'ACL failure', 'The user executing the script' }) do
    if string.find(answer.err, words, 1, true) then return answer.err end
  end
end

local key = KEYS[1]
local commands = {
  { 'TIME' }, { 'HMGET', key, 'f' },
  { 'HGET', key, 'f' }, { 'HGETALL', key }, { 'HDEL', key, 'f' }, { 'HSET', key, 'f', '1' }, { 'HINCRBY', key, 'f', 1 },
  { 'PTTL', key }, { 'PERSIST', key }, { 'PEXPIRE', key, 1000 }, { 'PEXPIREAT', key, 1 }, { 'EXISTS', key },
  { 'SET', key, '1', 'PX', 1000 }, { 'GET', key }, { 'INCR', key }, { 'UNLINK', key },
  { 'SADD', key, '1' }, { 'SMEMBERS', key }, { 'SREM', key, '1' },
  { 'ZADD', key, 1, '1' }, { 'ZRANGE', key, 0, -1 }, { 'ZREMRANGEBYSCORE', key, 0, 0 }, { 'ZREM', key, '1' },
  { 'RPUSH', key, '1' }, { 'LRANGE', key, 0, -1 }, { 'LINDEX', key, 0 }, { 'LLEN', key }, { 'LPOP', key },
  { 'UNLINK', key },
}
for _, command in ipairs(commands) do
  local why = refusal(redis.pcall(unpack(command)))
  if why then
    redis.pcall('UNLINK', key)
    return redis.error_reply('NOPERM ' .. command[1] .. ': ' .. why)
  end
end
return 1
