/** The plainest truth of every port: single-node mode, tests, and whole clusters in one process. */

export type { MemoryClusterOptions, MemoryNode } from "./cluster.ts";
export { MemoryCluster } from "./cluster.ts";
export { CodesShelf, MemoryCodes } from "./codes.ts";
export { MemoryCounters } from "./counters.ts";
export { DirectoryShelf, MemoryDirectory } from "./directory.ts";
export { Expiring } from "./expiring.ts";
export { IceShelf, MemoryIceSets } from "./ice-sets.ts";
export { MemoryLink } from "./link.ts";
export { MemoryLog } from "./log.ts";
export type { Misbehaviour, Range } from "./misbehaviour.ts";
export { hostile, wellBehaved } from "./misbehaviour.ts";
export { MemoryNodes, NodesHub } from "./nodes.ts";
export { MemoryPictures } from "./pictures.ts";
export { Reach } from "./reach.ts";
export { MemoryRoomCopies } from "./room-copies.ts";
export { SeededRandom } from "./seeded-random.ts";
export type { Kept, Retention } from "./stream.ts";
export { MemoryStream, retention } from "./stream.ts";
export type { IceQuestion, ScriptedIce } from "./turn-issuer.ts";
export { MemoryTurnIssuer } from "./turn-issuer.ts";
export type { VirtualClockOptions } from "./virtual-clock.ts";
export { VirtualClock } from "./virtual-clock.ts";
export { MemoryWhisper, WhisperHub } from "./whisper.ts";
