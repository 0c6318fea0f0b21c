// The kit against our own edge on uWebSockets.js, alone and as two behind a balancer.
import { conforming } from "./conforming.ts";

conforming("uws");
