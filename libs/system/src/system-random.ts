// Chance from the operating system.
import { randomBytes } from "node:crypto";
import type { Random } from "@heliograph/core";

export const systemRandom: Random = {
  bytes: (length) => randomBytes(length),
  fraction: () => Math.random(),
};
