/** Redis behind core's RoomCopies, Directory, Pictures, Codes, Counters and IceSets. */
export { openStore, type Store, type StorePorts, StoreRefused } from "./open-store.ts";
export type { StoreAddress, StoreOptions, StoreTls } from "./options.ts";
export { redisPermissions, type StoreRole } from "./permissions.ts";
