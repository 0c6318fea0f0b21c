// Heliograph as `npm start` runs it, without the page: one edge over the memory log.
import { defaultSettings, newNodeId, Signer, Tokens } from "@heliograph/core";
import { MemoryCluster, MemoryTurnIssuer } from "@heliograph/core/memory";
import { startEdge } from "@heliograph/edge";
import { parseRealm } from "@heliograph/protocol";
import { SystemClock, systemRandom } from "@heliograph/system";
import { served } from "./served.ts";

const realm = parseRealm("default");
if (!realm.ok) throw new Error("the default realm has a legal name");

const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
const cluster = new MemoryCluster({ clock, random: systemRandom });
const id = newNodeId(systemRandom);
// The load is meant to saturate: the allowance of one client must not be what is measured.
const settings = { ...defaultSettings, commandsPerSecond: 1_000_000, commandBurst: 1_000_000 };

const edge = await startEdge(
  {
    host: "127.0.0.1",
    port: 0,
    basePath: "/",
    socketPath: "/v1/socket",
    realm: realm.value,
    origins: [],
    ownPage: true,
    trustForwarded: 0,
    connectionsPerAddress: 0,
    bufferedBytes: 1 << 20,
    maxDepth: 32,
    maxKeys: 4_096,
    site: undefined,
    drain: { lag: 0, perSecond: 1_000, deadline: 1_000 },
  },
  {
    ...cluster.node(id),
    id,
    settings,
    rules: { version: 1, logLife: settings.logLife },
    tokens: new Tokens(new Signer([{ id: "bench", secret: systemRandom.bytes(32) }]), settings.tokenLife),
    turn: new MemoryTurnIssuer(clock),
    clock,
    random: systemRandom,
    observer: {
      observe: (happening) => {
        if (happening.type === "fault") fail(happening.error);
      },
    },
  },
  fail,
);
served(edge.port);
