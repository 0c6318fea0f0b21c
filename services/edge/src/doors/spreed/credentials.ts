// Who a session is, and how it proves it: Id and Sid, and the token with which it comes back on any node.

import { timingSafeEqual } from "node:crypto";
import type { Random, Signer } from "@heliograph/core";
import { newSessionId } from "@heliograph/core";
import type { Realm, SessionId } from "@heliograph/protocol";
import { parseRealm, parseSessionId } from "@heliograph/protocol";
import { parseUserid } from "./userid.ts";

export interface Identity {
  readonly id: SessionId;
  /** 32 letters of base64url that only the session itself is told. */
  readonly sid: string;
  /** Absent: it has not logged in. */
  readonly userid?: string;
  /** Of its connection: higher than that of each connection the session had before. */
  readonly attempt: number;
}

/** Milliseconds from the Self that brought a token until it is forgotten: 30 days. */
export const tokenLife = 30 * 86_400_000;

const purpose = "ss1";
const sidPurpose = "sid";
const sidBytes = 24;
const shape = /^([a-z0-9-]{1,32})\.([\w-]{22})\.([\w-]{32})\.([0-9a-z]{1,11})\.([\w-]*)$/;

export class Credentials {
  readonly #signer: Signer;
  readonly #random: Random;
  readonly #realm: Realm;

  constructor(signer: Signer, random: Random, realm: Realm) {
    this.#signer = signer;
    this.#random = random;
    this.#realm = realm;
  }

  /**
   * Who connects, by the token that it brings: the session of the token, or a new one where there is none or it is not
   * ours, of another realm or too old. Nobody is told of a bad token; its text may be anything.
   */
  open(token: string | undefined, now: number): Identity & { readonly resumed: boolean } {
    const known = token === undefined ? undefined : this.#read(token, now);
    if (known !== undefined) return { ...known, attempt: Math.max(known.attempt + 1, now), resumed: true };
    const id = newSessionId(this.#random);
    return { id, sid: this.#sidOf(id), attempt: now, resumed: false };
  }

  /** A fresh token: every Self carries one. */
  issue({ id, sid, userid = "", attempt }: Identity, now: number): string {
    const user = Buffer.from(userid).toString("base64url");
    return this.#signer.sign(purpose, `${this.#realm}.${id}.${sid}.${attempt.toString(36)}.${user}`, now);
  }

  /** Whether we gave this Sid to this Id, under any key that still serves. Takes equally long whatever is wrong. */
  isPair(id: string, sid: string): boolean {
    const shown = Buffer.from(sid);
    let found = false;
    for (const bytes of this.#signer.derive(sidPurpose, `${this.#realm}.${id}`)) {
      const own = Buffer.from(written(bytes));
      found = (shown.length === own.length && timingSafeEqual(shown, own)) || found;
    }
    return found && parseSessionId(id).ok;
  }

  #sidOf(id: SessionId): string {
    return written(this.#signer.derive(sidPurpose, `${this.#realm}.${id}`)[0]);
  }

  #read(token: string, now: number): Identity | undefined {
    const says = this.#signer.verify(purpose, token, { now, life: tokenLife });
    const [, realmText, idText, sid = "", attempt = "", user = ""] = (says.ok && shape.exec(says.value)) || [];
    const realm = parseRealm(realmText);
    const id = parseSessionId(idText);
    if (!realm.ok || realm.value !== this.#realm || !id.ok) return undefined;
    const userid = parseUserid(Buffer.from(user, "base64url").toString());
    return {
      id: id.value,
      // The token keeps it while keys rotate. Once its own key has gone nobody could check it any more: a new one then.
      sid: this.isPair(id.value, sid) ? sid : this.#sidOf(id.value),
      attempt: Number.parseInt(attempt, 36),
      ...(userid === undefined ? {} : { userid }),
    };
  }
}

function written(bytes: Uint8Array): string {
  return Buffer.from(bytes.subarray(0, sidBytes)).toString("base64url");
}
