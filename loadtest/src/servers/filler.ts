// Fills the log with what other rooms say, through our own bus: entries of rooms that nobody hosts.
import { openBus } from "@heliograph/bus";
import { defaultSettings, newNodeId } from "@heliograph/core";
import { MemoryCluster } from "@heliograph/core/memory";
import { memberOfSession, parseRealm, parseRoomName, parseSessionId, roomKey } from "@heliograph/protocol";
import { SystemClock, systemRandom } from "@heliograph/system";

const [servers = "", streamBytes = "0", wanted = "0", perSecond = "0"] = process.argv.slice(2);
const count = Number(wanted);
/** 0: as fast as it goes. */
const rate = Number(perSecond);
const clock = new SystemClock((error) => {
  throw error;
});
const observer = { observe: () => undefined };
const { copies } = new MemoryCluster({ clock, random: systemRandom }).node(newNodeId(systemRandom));
const bus = await openBus(
  {
    servers: servers.split(","),
    name: "bench filler",
    shards: 4,
    replicas: 1,
    maxAge: defaultSettings.logLife,
    maxBytes: Number(streamBytes),
    storage: "file",
    largestFrame: defaultSettings.limits.frameBytes,
  },
  { clock, random: systemRandom, observer, copies },
);

const rooms = 400;
const realm = parseRealm("default");
const session = parseSessionId("benchfillerbenchfiller");
if (!realm.ok || !session.ok) throw new Error("these names are legal");
const from = memberOfSession(session.value);
const body = { codec: "json", bytes: new TextEncoder().encode(`{"text":"${"x".repeat(270)}"}`) } as const;
let begun = 0;
const began = performance.now();
// One append at a time in each room, as nodes do it, and one entry in each append.
await Promise.all(
  Array.from({ length: rooms }, async (_, i) => {
    const name = parseRoomName(`filler ${process.pid} ${i}`);
    if (!name.ok) throw new Error("this name is legal");
    const room = roomKey(realm.value, name.value);
    // Like a host, or the log would have to be asked for the time of each append.
    const follow = bus.log.follow(room, { stored: () => undefined, broken: () => undefined });
    await follow.proved;
    follow.start(undefined);
    for (let n = 1; begun < count; n += 1) {
      begun += 1;
      const ahead = rate === 0 ? 0 : (begun / rate) * 1_000 - (performance.now() - began);
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
      await bus.log.append(room, [
        { kind: "broadcast", from, epoch: { attempt: 1, bump: 0, node: newNodeId(systemRandom) }, n, body },
      ]);
    }
  }),
);
console.log(`filled in ${Math.round(performance.now() - began)} ms`);
await bus.close();
process.exit(0);
