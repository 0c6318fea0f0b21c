// PINs of rooms as they lie in shared data: only doors of this dialect read them, to tell them to their room's members.
import type { Random, Signer } from "@heliograph/core";
import { Seal } from "./seal.ts";

const purpose = "sp1";

/** By the token keys: every node has them, and a PIN lives as long as its room. */
export class PinSeal {
  readonly #signer: Pick<Signer, "derive">;
  readonly #random: Random;

  constructor(signer: Pick<Signer, "derive">, random: Random) {
    this.#signer = signer;
    this.#random = random;
  }

  close(pin: string): string {
    return this.#seal().close(pin);
  }

  /** Undefined: sealed by nobody here, or by a key that is gone. */
  open(sealed: string): string | undefined {
    return this.#seal().open(sealed);
  }

  /** Made for each, since keys rotate; locks are rare. */
  #seal(): Seal {
    const [first, ...others] = this.#signer.derive(purpose, "");
    const lasting = (secret: Uint8Array) => ({ reveal: () => secret });
    return new Seal([lasting(first), ...others.map(lasting)], purpose, this.#random);
  }
}
