/**
 * Scripts that take several keys, all of one node. Leases are compared with the server's own time: the clocks of our
 * processes do not matter. Times are ms; a number goes through string.format because Lua would write it as 1.7e+12.
 */
const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local function text(number) return string.format('%.0f', number) end
local function keepFor(key, ttl) if redis.call('PTTL', key) < ttl then redis.call('PEXPIRE', key, text(ttl)) end end
`;

/** KEYS routes; instance, lease, ttl → per key 1 where a route that had not ended was there. */
const ROUTES_ADD = `${NOW}
local ends = text(now + ARGV[2])
local ttl = tonumber(ARGV[3])
local found = {}
for i = 1, #KEYS do
  local before = redis.call('ZSCORE', KEYS[i], ARGV[1])
  found[i] = (before and tonumber(before) > now) and 1 or 0
  redis.call('ZREMRANGEBYSCORE', KEYS[i], '-inf', text(now))
  redis.call('ZADD', KEYS[i], ends, ARGV[1])
  keepFor(KEYS[i], ttl)
end
return found
`;

/** KEYS routes; instance → per key 1 where it was there. */
const ROUTES_REMOVE = `
local found = {}
for i = 1, #KEYS do found[i] = redis.call('ZREM', KEYS[i], ARGV[1]) end
return found
`;

/** KEYS routes → per key the instances. */
const ROUTES_GET = `${NOW}
local after = '(' .. text(now)
local found = {}
for i = 1, #KEYS do found[i] = redis.call('ZRANGEBYSCORE', KEYS[i], after, '+inf') end
return found
`;

/**
 * KEYS streams; events kept, ttl, then per key: how many, and for each rev and bytes. A rev that is there, or is below
 * the newest, is passed over.
 */
const RECENT_APPEND = `
local at = 3
for i = 1, #KEYS do
  for n = 1, tonumber(ARGV[at]) do
    local result = redis.pcall('XADD', KEYS[i], 'MAXLEN', '~', ARGV[1], ARGV[at + 1] .. '-0', 'e', ARGV[at + 2])
    if type(result) == 'table' and result.err and not string.find(result.err, 'equal or smaller', 1, true) then
      return result
    end
    at = at + 2
  end
  at = at + 1
  redis.call('PEXPIRE', KEYS[i], ARGV[2])
end
return 0
`;

/** KEYS streams → per key the id of the newest event, '' where there is none. */
const RECENT_HEADS = `
local found = {}
for i = 1, #KEYS do
  local newest = redis.call('XREVRANGE', KEYS[i], '+', '-', 'COUNT', 1)[1]
  found[i] = newest and newest[1] or ''
end
return found
`;

/** KEYS changes of one user; change, changes kept, ttl. A change that is there keeps its place. */
const CHANGES_APPEND = `
local newest = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('ZADD', KEYS[1], 'NX', (newest[2] or 0) + 1, ARGV[1])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return { 1 }
`;

/** KEYS sessions of one user; session, lease, ttl → 1 where none was there. */
const PRESENCE_ONLINE = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
local before = redis.call('ZCARD', KEYS[1])
redis.call('ZADD', KEYS[1], text(now + ARGV[2]), ARGV[1])
keepFor(KEYS[1], tonumber(ARGV[3]))
return { before == 0 and 1 or 0 }
`;

/** KEYS sessions of one user; session → 1 where it was the last one. */
const PRESENCE_OFFLINE = `${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(now))
local removed = redis.call('ZREM', KEYS[1], ARGV[1])
return { (removed == 1 and redis.call('ZCARD', KEYS[1]) == 0) and 1 or 0 }
`;

/** KEYS sessions → per key how many. */
const PRESENCE_GET = `${NOW}
local after = '(' .. text(now)
local found = {}
for i = 1, #KEYS do found[i] = redis.call('ZCOUNT', KEYS[i], after, '+inf') end
return found
`;

export const LUA_SCRIPTS = {
  routesAdd: ROUTES_ADD,
  routesRemove: ROUTES_REMOVE,
  routesGet: ROUTES_GET,
  recentAppend: RECENT_APPEND,
  recentHeads: RECENT_HEADS,
  changesAppend: CHANGES_APPEND,
  presenceOnline: PRESENCE_ONLINE,
  presenceOffline: PRESENCE_OFFLINE,
  presenceGet: PRESENCE_GET,
};

export type ScriptName = keyof typeof LUA_SCRIPTS;
