#!lua flags=no-writes
-- Reads a set of TURN credentials with its remaining life, in one step. Answers `{ failed attempts }`, or
-- `{ failed attempts, generation, bytes, milliseconds left, milliseconds of its life }`.
-- KEYS[1]  the set
-- KEYS[2]  how many attempts failed in a row
local fails = tonumber(redis.call('GET', KEYS[2]) or 0)
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then return { fails } end
local set = redis.call('HMGET', KEYS[1], 'gen', 'bytes', 'life')
local generation, life = tonumber(set[1] or nil), tonumber(set[3] or nil)
-- A set without all of its parts is none of ours.
if not generation or not set[2] or not life then return { fails } end
return { fails, generation, set[2], left, life }
