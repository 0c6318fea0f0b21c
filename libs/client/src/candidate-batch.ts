// Gathers ICE candidates for a moment, so that a dozen of them do not cost a dozen messages.
import type { SignalBody } from "@heliograph/protocol/schema";
import type { Clock } from "./surroundings.ts";

export type Candidate = Extract<SignalBody, { kind: "candidates" }>["candidates"][number];

/** Milliseconds; gathering yields its host candidates well within, and setup does not feel it. */
const gather = 20;
const most = 8;

export class CandidateBatch {
  readonly #clock: Clock;
  readonly #send: (candidates: readonly Candidate[]) => void;
  #waiting: Candidate[] = [];
  #stopTimer: (() => void) | undefined;

  constructor(clock: Clock, send: (candidates: readonly Candidate[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** `null`: there are no more of this generation. */
  add(candidate: RTCIceCandidate | null): void {
    if (candidate === null) {
      this.#waiting.push({ candidate: "" });
      this.flush();
      return;
    }
    // Some browsers say the end twice, as an empty candidate and as null: the latter is enough.
    if (candidate.candidate === "") return;
    const { sdpMid, sdpMLineIndex, usernameFragment } = candidate;
    this.#waiting.push({ candidate: candidate.candidate, sdpMid, sdpMLineIndex, usernameFragment });
    if (this.#waiting.length >= most) this.flush();
    else this.#stopTimer ??= this.#clock.after(gather, () => this.flush());
  }

  flush(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    const candidates = this.#waiting;
    this.#waiting = [];
    if (candidates.length > 0) this.#send(candidates);
  }

  drop(): void {
    this.#waiting = [];
    this.flush();
  }
}
