#!lua flags=allow-oom
-- Claims the next fetch of a provider. Answers `{ 'yours', failed attempts }`, `{ 'fresh' }`, `{ 'busy' }` or
-- `{ 'backoff', milliseconds }`.
-- KEYS[1]  the set
-- KEYS[2]  the token of whoever fetches
-- KEYS[3]  there while nobody may try
-- KEYS[4]  how many attempts failed in a row
-- ARGV[1]  the caller's token
-- ARGV[2]  milliseconds that the claim holds
local wait = redis.call('PTTL', KEYS[3])
if wait > 0 then return { 'backoff', wait } end
local life = tonumber(redis.call('HGET', KEYS[1], 'life') or nil)
if life and redis.call('PTTL', KEYS[1]) > life / 2 then return { 'fresh' } end
if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return { 'busy' } end
return { 'yours', tonumber(redis.call('GET', KEYS[4]) or 0) }
