// What the users of edges and keepers may do on the NATS servers: enough, and nothing beside it.
import { beatSubject, digestSubject, iceSubject, numbersSubject, streamName } from "./stream/subjects.ts";

export type NatsRole = "edge" | "keeper";

/**
 * The `permissions` block of a user, as the servers' configuration file takes it. Streams are named one by one, since
 * the servers know no wildcards inside a name: the block belongs to one number of shards.
 */
export function natsPermissions(role: NatsRole, shards = 4): string {
  const streams = Array.from({ length: shards }, (_, shard) => streamName(shard));
  const publish = [
    ...saidBy(role),
    ...streams.flatMap((stream) => [
      `$JS.API.STREAM.INFO.${stream}`,
      `$JS.API.STREAM.CREATE.${stream}`,
      `$JS.API.STREAM.MSG.GET.${stream}`,
      `$JS.API.DIRECT.GET.${stream}`,
    ]),
    // Asked for at the start: a stream more than expected means another number of shards.
    `$JS.API.STREAM.INFO.${streamName(shards)}`,
  ];
  const text = (subjects: readonly string[]): string => subjects.map((subject) => `      "${subject}"`).join("\n");
  return `# Heliograph: what ${role === "edge" ? "an edge" : "a keeper"} may do, for ${shards} shards. It belongs into its user:
#   authorization { users: [ { user: ${role}, password: "…", permissions: { … } } ] }
permissions: {
  publish: {
    allow: [
${text(publish)}
    ]
  }
  subscribe: {
    allow: [
${text(heard)}
    ]
  }
}
`;
}

/**
 * Entries and markers, questions to hosts, beats and digests, answers. Only edges have anything volatile to say, and doors
 * to count at; only keepers fetch TURN credentials, so that they alone tell of another set.
 */
function saidBy(role: NatsRole): readonly string[] {
  const said = ["hg.in.>", "hg.h.>", beatSubject, digestSubject, "hg.r.>"];
  return role === "edge" ? [...said, "hg.v.>", numbersSubject] : [...said, iceSubject];
}

/** Whoever hosts a room follows all of it. */
const heard: readonly string[] = ["hg.out.>", "hg.v.>", "hg.h.>", "hg.n.>", "hg.r.>"];
