// Users for whom somebody vouches who shares a secret with us: `EXPIRY:USERID[:more]`, signed.

import { createHmac, timingSafeEqual } from "node:crypto";
import type { Random } from "@heliograph/core";
import { parseUserid } from "./userid.ts";
import type { Proof, Proven, Registration, UserSettings, Users } from "./users.ts";

/** Seconds: 372 days, or twelve months of 31. */
const registeredFor = 12 * 31 * 86_400;
/** `more` may be anything, and is signed over. */
const mostLetters = 1_024;
const shape = /^([0-9]{1,12}):([^:]+)(?::|$)/;

type Settings = Extract<UserSettings, { readonly mode: "sharedsecret" }>;

export class UsersBySecret implements Users {
  readonly #settings: Settings;
  readonly #random: Pick<Random, "bytes">;

  constructor(settings: Settings, random: Pick<Random, "bytes">) {
    this.#settings = settings;
    this.#random = random;
  }

  named(): undefined {
    return undefined;
  }

  prove({ combo, secret }: Pick<Proof, "combo" | "secret">, now: number): Proven {
    const own = this.#signatureOf(combo.slice(0, mostLetters));
    const shown = Buffer.from(secret);
    const signed =
      timingSafeEqual(own, shown.length === own.length ? shown : Buffer.alloc(own.length)) &&
      combo.length <= mostLetters;
    const [, expiry = "", name] = shape.exec(combo) ?? [];
    const userid = parseUserid(name);
    if (!signed) return { ok: false, why: "unproven" };
    if (userid === undefined) return { ok: false, why: "malformed" };
    return Number(expiry) * 1_000 > now ? { ok: true, userid } : { ok: false, why: "expired" };
  }

  register(now: number): Registration | undefined {
    const { registration, serverRealm } = this.#settings;
    if (!registration) return undefined;
    const userid = `${uuid4(this.#random.bytes(16))}@${serverRealm}`;
    const expiry = Math.floor(now / 1_000) + registeredFor;
    const combo = `${expiry}:${userid}`;
    return { userid, combo, secret: this.#signatureOf(combo).toString(), expiry };
  }

  /** In padded base64, as bytes of text. */
  #signatureOf(combo: string): Buffer {
    return Buffer.from(createHmac("sha256", this.#settings.secret.reveal()).update(combo).digest("base64"));
  }
}

/** RFC 9562, 5.4: random but for version and variant. */
function uuid4(bytes: Uint8Array): string {
  const marked = Buffer.from(bytes);
  marked[6] = ((marked[6] ?? 0) & 0x0f) | 0x40;
  marked[8] = ((marked[8] ?? 0) & 0x3f) | 0x80;
  return marked.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
