// A client of a TURN server (RFC 8656) that hides nothing: every refusal comes back as its code.

import { createHash } from "node:crypto";
import type { Login } from "../login.ts";
import type { Endpoint } from "./stun-address.ts";
import { readXorAddress, writeXorAddress } from "./stun-address.ts";
import type { ReadStunMessage, StunAttribute } from "./stun-message.ts";
import { attributeOf, errorOf, printable, readStun } from "./stun-message.ts";
import { attributes, families, methods, udpProtocol } from "./stun-numbers.ts";
import { StunTransactions } from "./stun-transactions.ts";
import type { Told, TurnFailure } from "./turn-failure.ts";
import { failed, told } from "./turn-failure.ts";
import type { Wire } from "./wire.ts";
import { stepBound } from "./wire.ts";

export interface Allocation {
  /** Where peers send to. */
  readonly relayed: Endpoint;
  /** Where the server sees us. */
  readonly mapped?: Endpoint;
  /** Seconds. */
  readonly lifetime: number;
  /** The server asked for no login: it relays for everybody. */
  readonly open: boolean;
}

export interface AllocationWish {
  /** Of the relayed address; the server's choice when nothing is said. */
  readonly family?: 4 | 6;
  /** Seconds. */
  readonly lifetime?: number;
}

interface Challenge {
  readonly realm: Uint8Array;
  readonly nonce: Uint8Array;
}

/** One socket with at most one allocation. Promise: nothing rejects or throws, and each step ends within its bound. */
export class TurnClient {
  readonly #wire: Wire;
  readonly #bound: number;
  readonly #transactions: StunTransactions;
  readonly #hearers = new Set<(from: Endpoint, data: Uint8Array) => void>();
  /** From here on the server writes what comes from these peers as channel data. */
  readonly #channels = new Map<number, Endpoint>();
  #challenge: Challenge | undefined;
  #login: Login | undefined;

  /** `bound`: milliseconds that a step may take, its repetitions and challenges included. */
  constructor(wire: Wire, bound: number = stepBound) {
    this.#wire = wire;
    this.#bound = bound;
    this.#transactions = new StunTransactions(wire);
    wire.onFrame((frame) => this.#hear(frame));
  }

  /** Asks without a login where the server sees us. */
  async binding(): Promise<Told<Endpoint>> {
    const answer = await this.#transactions.ask(methods.binding, () => [], undefined, this.#until());
    if (!answer.ok) return answer;
    const refusal = refusalOf(answer.value);
    if (refusal !== undefined) return failed(refusal);
    const mapped = readXorAddress(attributeOf(answer.value, attributes.xorMappedAddress), answer.value.transaction);
    return mapped === undefined ? garbled("an answer without an address") : told(mapped);
  }

  async allocate(login: Login, { family, lifetime }: AllocationWish = {}): Promise<Told<Allocation>> {
    const until = this.#until();
    const asked = [
      { type: attributes.requestedTransport, value: Uint8Array.of(udpProtocol, 0, 0, 0) },
      ...(family === undefined
        ? []
        : [{ type: attributes.requestedAddressFamily, value: Uint8Array.of(families[family], 0, 0, 0) }]),
      ...(lifetime === undefined ? [] : [lifetimeAttribute(lifetime)]),
    ];
    let open = false;
    let answer: Told<ReadStunMessage> | undefined;
    if (this.#challenge === undefined) {
      const first = await this.#transactions.ask(methods.allocate, () => asked, undefined, until);
      if (!first.ok) return first;
      if (first.value.kind === "success") {
        open = true;
        answer = first;
      } else {
        const refusal = refusalOf(first.value);
        // The login has not been shown yet: 401 is the question for it.
        if (refusal?.is !== "answered" || refusal.code !== 401) return failed(refusal ?? noCode);
        if (!this.#learn(first.value)) return garbled("a 401 without realm and nonce");
      }
    }
    this.#login = login;
    answer ??= await this.#request(methods.allocate, () => asked, until);
    if (!answer.ok) return answer;
    const message = answer.value;
    const relayed = readXorAddress(attributeOf(message, attributes.xorRelayedAddress), message.transaction);
    const mapped = readXorAddress(attributeOf(message, attributes.xorMappedAddress), message.transaction);
    const seconds = lifetimeOf(message);
    if (relayed === undefined || seconds === undefined) return garbled("an allocation without address and lifetime");
    return told({ relayed, lifetime: seconds, open, ...(mapped === undefined ? {} : { mapped }) });
  }

  /** CreatePermission: from now on `address` may send to us, and we to it, for five minutes. Nothing reaches it. */
  async permit(address: string): Promise<Told<void>> {
    const value = writeXorAddress({ address, port: 0 }, new Uint8Array(12));
    if (value === undefined) return garbled(`${printable(new TextEncoder().encode(address))} is no address`);
    return withoutValue(
      await this.#request(methods.createPermission, (id) => [peerAttribute({ address, port: 0 }, id)]),
    );
  }

  /** Resolves with the new lifetime in seconds; 0 deletes. `login`: another one than the allocation was made with. */
  async refresh(lifetime: number, login?: Login): Promise<Told<number>> {
    if (login !== undefined) this.#login = login;
    const answer = await this.#request(methods.refresh, () => [lifetimeAttribute(lifetime)]);
    return answer.ok ? told(lifetimeOf(answer.value) ?? 0) : answer;
  }

  /** ChannelBind, which permits as well. `channel`: 0x4000 to 0x4FFF. */
  async bind(channel: number, peer: Endpoint): Promise<Told<void>> {
    const number = Uint8Array.of(channel >> 8, channel & 0xff, 0, 0);
    const answer = await this.#request(methods.channelBind, (id) => [
      { type: attributes.channelNumber, value: number },
      peerAttribute(peer, id),
    ]);
    if (answer.ok) this.#channels.set(channel, peer);
    return withoutValue(answer);
  }

  /** Through the relay, to a peer that is permitted; as UDP goes, it may be lost. */
  send(peer: Endpoint, data: Uint8Array): void {
    this.#transactions.tell(methods.send, (id) => [peerAttribute(peer, id), { type: attributes.data, value: data }]);
  }

  onData(hear: (from: Endpoint, data: Uint8Array) => void): () => void {
    this.#hearers.add(hear);
    return () => void this.#hearers.delete(hear);
  }

  /** A server frees an allocation over TCP and TLS by this, one over UDP when its lifetime ends. */
  close(): void {
    this.#wire.close();
  }

  async #request(
    method: number,
    build: (transaction: Uint8Array) => readonly StunAttribute[],
    until: number = this.#until(),
  ): Promise<Told<ReadStunMessage>> {
    let renewed = false;
    for (;;) {
      const key = this.#key();
      const login = this.#loginAttributes();
      const answer = await this.#transactions.ask(method, (id) => [...build(id), ...login], key, until);
      if (!answer.ok) return answer;
      const message = answer.value;
      if (message.kind === "success") {
        // Anybody on the way could have answered, were it not signed.
        if (key !== undefined && !message.isSignedBy(key)) return garbled("an answer that is not signed");
        return told(message);
      }
      const refusal = refusalOf(message) ?? noCode;
      const stale = refusal.is === "answered" && refusal.code === 438;
      if (!stale || renewed || !this.#learn(message)) return failed(refusal);
      renewed = true;
    }
  }

  #until(): number {
    return performance.now() + this.#bound;
  }

  #learn(message: ReadStunMessage): boolean {
    const realm = attributeOf(message, attributes.realm) ?? this.#challenge?.realm;
    const nonce = attributeOf(message, attributes.nonce);
    if (realm === undefined || nonce === undefined) return false;
    this.#challenge = { realm, nonce };
    return true;
  }

  #key(): Uint8Array | undefined {
    const login = this.#login;
    if (login === undefined || this.#challenge === undefined) return undefined;
    const { username, password } = login;
    const hash = createHash("md5").update(`${username}:`).update(this.#challenge.realm).update(`:${password}`);
    return hash.digest();
  }

  #loginAttributes(): readonly StunAttribute[] {
    if (this.#login === undefined || this.#challenge === undefined) return [];
    return [
      { type: attributes.username, value: new TextEncoder().encode(this.#login.username) },
      { type: attributes.realm, value: this.#challenge.realm },
      { type: attributes.nonce, value: this.#challenge.nonce },
    ];
  }

  #hear(frame: Uint8Array): void {
    const told = readChannelData(frame);
    const peer = told === undefined ? undefined : this.#channels.get(told.channel);
    if (told !== undefined && peer !== undefined) for (const hear of this.#hearers) hear(peer, told.data);
    const message = readStun(frame);
    if (message?.kind !== "indication" || message.method !== methods.data) return;
    const from = readXorAddress(attributeOf(message, attributes.xorPeerAddress), message.transaction);
    const data = attributeOf(message, attributes.data);
    if (from === undefined || data === undefined) return;
    for (const hear of this.#hearers) hear(from, data);
  }
}

/** Undefined: it is none. */
function readChannelData(frame: Uint8Array): { readonly channel: number; readonly data: Uint8Array } | undefined {
  if (frame.length < 4) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const channel = view.getUint16(0);
  const end = 4 + view.getUint16(2);
  if (channel < 0x4000 || channel > 0x4fff || end > frame.length) return undefined;
  return { channel, data: frame.slice(4, end) };
}

const noCode: TurnFailure = { is: "garbled", why: "a refusal without a code" };

/** Undefined: it is no refusal, or one without a code. */
function refusalOf(message: ReadStunMessage): TurnFailure | undefined {
  if (message.kind !== "error") return undefined;
  const error = errorOf(message);
  return error === undefined ? noCode : { is: "answered", ...error };
}

function garbled(why: string): { readonly ok: false; readonly failure: TurnFailure } {
  return failed({ is: "garbled", why });
}

function withoutValue(answer: Told<unknown>): Told<void> {
  return answer.ok ? told(undefined) : answer;
}

function lifetimeAttribute(seconds: number): StunAttribute {
  const value = new Uint8Array(4);
  new DataView(value.buffer).setUint32(0, seconds);
  return { type: attributes.lifetime, value };
}

function lifetimeOf(message: ReadStunMessage): number | undefined {
  const value = attributeOf(message, attributes.lifetime);
  return value?.length === 4 ? new DataView(value.buffer, value.byteOffset).getUint32(0) : undefined;
}

function peerAttribute(peer: Endpoint, transaction: Uint8Array): StunAttribute {
  return { type: attributes.xorPeerAddress, value: writeXorAddress(peer, transaction) ?? new Uint8Array() };
}
