/** Redis behind core's RoomCopies, Directory, Pictures, Codes and Counters. */
export { openStore, type Store, type StorePorts, StoreRefused } from "./open-store.ts";
export type { StoreAddress, StoreOptions, StoreTls } from "./options.ts";
export { redisPermissions, type StoreRole } from "./permissions.ts";
