// The rows that take longest, side by side: each has servers, nodes and clients of its own.
import { describe } from "vitest";
import { halfOpen } from "./half-open.ts";
import { hostsAllDead } from "./hosts-all-dead.ts";
import { natsGone } from "./nats-gone.ts";
import { natsOutlasted } from "./nats-outlasted.ts";
import { windowOfOutages } from "./outage.ts";
import { RealGround } from "./real-ground.ts";
import { redisGone } from "./redis-gone.ts";

describe.concurrent("outages", () => {
  const row = {
    ground: () => RealGround.start({ nats: 3 }),
    expected: /^nats (connection|stream HG_\d: .*temporarily unavailable)/,
  };
  natsGone({ ...row, settings: windowOfOutages });
  natsOutlasted(row);
  redisGone({});
  halfOpen({});
  hostsAllDead({});
});
