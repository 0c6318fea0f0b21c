/** The time and the chance of a real process, behind core's Clock and Random. */
export { SystemClock } from "./system-clock.ts";
export { systemRandom } from "./system-random.ts";
