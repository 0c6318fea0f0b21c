/** What is built of the dialect of Spreed WebRTC: its ICE servers. */
export { type SpreedTurn, type SpreedZone, writeStun, writeTurn, writeTurnUpdate } from "./ice.ts";
