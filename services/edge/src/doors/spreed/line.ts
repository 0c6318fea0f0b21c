// The way back to one Spreed client: frames in order, sent together at the end of the turn.
import type { Close } from "@heliograph/protocol";
import { FramesOut } from "../../frames-out.ts";
import type { Outbound } from "../../outbound.ts";
import type { Socket } from "../../socket/listener.ts";

export class Line extends FramesOut {
  readonly #outbound: Outbound;
  #due = false;

  constructor(socket: Socket, outbound: Outbound) {
    super(socket);
    this.#outbound = outbound;
  }

  send(frame: Uint8Array): void {
    if (!this.open) return;
    this.keep(frame);
    if (this.#due) return;
    this.#due = true;
    this.#outbound.due(this);
  }

  /** There are no answers here that wait for company: all of it leaves. */
  flush(): true {
    this.#due = false;
    if (this.open) this.sendKept(false);
    return true;
  }

  /** What was sent before leaves first. The dialect has no word for why: its clients come back, whatever the code says. */
  close(why: Close): void {
    if (this.open) this.flush();
    if (this.open) this.shut(why);
  }
}
