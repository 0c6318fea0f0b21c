#!lua flags=no-writes
-- The names of a list whose end has not come.
-- KEYS[1]  the list: names by the milliseconds since 1970 at which they end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZRANGE', KEYS[1], string.format('%.0f', now), '+inf', 'BYSCORE')
