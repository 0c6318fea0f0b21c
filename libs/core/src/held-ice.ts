// What a session holds of STUN and TURN; only sessions have one whose grant ends, who wait for TURN, or who have asked.
import type { IceGrant } from "@heliograph/protocol";

/** Fixed fields: as many of these as sessions with TURN may stand in one process. Times are in milliseconds since 1970. */
export class HeldIce {
  /** Of a source that makes credentials for each session: what is repeated to whoever asks too often. */
  grant: IceGrant | undefined;
  /** Of what the session was given; -1: anything is news to it. */
  generation = -1;
  /** When what it was given ends; 0: it holds nothing that ends. */
  until = 0;
  /** The second at which it is looked at again, as the calendar counts them; 0: none. */
  due = 0;
  /** When it will have all its requests again, if it makes none. */
  rested = 0;

  /** It holds nothing any more, and may not ask more for that. */
  drop(): void {
    this.grant = undefined;
    this.generation = -1;
    this.until = 0;
  }
}
