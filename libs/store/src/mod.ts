/** Redis behind core's RoomCopies, Directory, Pictures, Codes and Counters. */
export {};
