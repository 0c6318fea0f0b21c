/** Every case, in the order of the table; the ones that wait longest begin first. */
import type { Case } from "../case.ts";
import { counters } from "./counters.ts";
import { floods } from "./floods.ts";
import { forgeries } from "./forgeries.ts";
import { hostileBytes } from "./hostile-bytes.ts";
import { hostileFrames } from "./hostile-frames.ts";
import { lapses } from "./lapses.ts";
import { messages } from "./messages.ts";
import { opening } from "./opening.ts";
import { presence } from "./presence.ts";
import { resuming } from "./resuming.ts";
import { roles } from "./roles.ts";
import { rooms } from "./rooms.ts";
import { sharedValues } from "./shared-values.ts";

export const cases: readonly Case[] = [
  ...lapses,
  ...opening,
  ...rooms,
  ...messages,
  ...counters,
  ...roles,
  ...sharedValues,
  ...presence,
  ...resuming,
  ...forgeries,
  ...hostileBytes,
  ...hostileFrames,
  ...floods,
];
