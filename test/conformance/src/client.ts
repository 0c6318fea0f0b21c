// One connection to the server under trial: what was sent, what came back, in order and with nothing overlooked.
import type { Codec, CodecName, PlainObject } from "@heliograph/codec";
import type { ServerFrame, WelcomeFrame } from "@heliograph/protocol/schema";
import { WebSocket } from "ws";
import { Fault } from "./fault.ts";
import { Invariants } from "./invariants.ts";
import { like, told } from "./like.ts";
import type { Patience } from "./patience.ts";
import { codecOf, subprotocolOf } from "./wire.ts";

export type Pattern = Readonly<Record<string, unknown>>;

export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** How the server answered an upgrade. */
export type Knock =
  | { readonly opened: true; readonly socket: WebSocket }
  | { readonly opened: false; readonly why: string };

/** Tries to open a socket with these subprotocols; never rejects. */
export function knock(url: string, subprotocols: readonly string[]): Promise<Knock> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, [...subprotocols], { perMessageDeflate: false, handshakeTimeout: 10_000 });
    socket.once("open", () => resolve({ opened: true, socket }));
    socket.once("unexpected-response", (request, response) => {
      resolve({ opened: false, why: `HTTP ${response.statusCode}` });
      request.destroy();
    });
    // A socket that breaks says so by closing, too.
    socket.on("error", (error) => resolve({ opened: false, why: error.message }));
  });
}

export class Client {
  readonly name: string;
  readonly codecName: CodecName;
  readonly codec: Codec;
  /** The newest position of each room, as a client keeps it for a resume. */
  readonly positions = new Map<string, string>();
  readonly #socket: WebSocket;
  readonly #patience: Patience;
  readonly #invariants = new Invariants();
  readonly #inbox: ServerFrame[] = [];
  readonly #ended: Promise<Ending>;
  #ending: Ending | undefined;
  #broken: string | undefined;
  #wake: (() => void) | undefined;
  #counter = 0;
  #welcome: WelcomeFrame | undefined;

  constructor(name: string, codecName: CodecName, socket: WebSocket, patience: Patience) {
    this.name = name;
    this.codecName = codecName;
    this.codec = codecOf(codecName);
    this.#socket = socket;
    this.#patience = patience;
    socket.on("message", (data: Buffer, binary) => this.#hear(data, binary));
    this.#ended = new Promise((resolve) => {
      socket.on("close", (code, reason) => {
        this.#ending = { code, reason: reason.toString() };
        resolve(this.#ending);
        this.#wake?.();
      });
    });
  }

  static async open(url: string, codecName: CodecName, patience: Patience, name: string): Promise<Client> {
    const answer = await patience.wait(`${name}'s socket to open`, knock(url, [subprotocolOf(codecName)]));
    if (!answer.opened) throw new Fault(`${name}'s socket was not opened: ${answer.why}`);
    return new Client(name, codecName, answer.socket, patience);
  }

  get open(): boolean {
    return this.#ending === undefined;
  }

  /** Resolves with this client once its connection has ended. */
  get gone(): Promise<Client> {
    return this.#ended.then(() => this);
  }

  get welcome(): WelcomeFrame {
    if (this.#welcome === undefined) throw new Fault(`${this.name} was not welcomed`);
    return this.#welcome;
  }

  get welcomed(): boolean {
    return this.#welcome !== undefined;
  }

  get id(): string {
    return this.welcome.session;
  }

  /** The next n of what counts per connection. */
  count(): number {
    this.#counter += 1;
    return this.#counter;
  }

  send(frame: PlainObject): void {
    this.sendBytes(this.codec.encode(frame));
  }

  /** As a frame of the codec's kind, unless told otherwise. */
  sendBytes(bytes: Uint8Array, binary: boolean = this.codec.binary): void {
    // The socket may be closing on the server's side: what is answered then is what counts.
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes, { binary }, () => undefined);
  }

  /** Several frames that reach the server together, as far as a client can see to that. */
  burst(frames: Iterable<PlainObject>): void {
    for (const frame of frames) this.send(frame);
  }

  /** The connection breaks without a word. */
  cut(): void {
    this.#socket.terminate();
  }

  /** The very next frame. */
  async next(what: string): Promise<ServerFrame> {
    for (;;) {
      if (this.#broken !== undefined) throw new Fault(`${this.name} got ${this.#broken}`);
      const frame = this.#inbox.shift();
      if (frame !== undefined) return frame;
      if (this.#ending !== undefined) {
        throw new Fault(`${this.name} was closed with ${this.#ending.code} while waiting for ${what}`);
      }
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await this.#patience.wait(`${what} at ${this.name}`, woken);
    }
  }

  /** The very next frame, which must be of the type and fit the pattern. */
  async expect<Type extends ServerFrame["type"]>(
    type: Type,
    pattern: Pattern = {},
  ): Promise<Extract<ServerFrame, { type: Type }>> {
    const frame = await this.next(told({ type, ...pattern }));
    if (!isOf(frame, type) || !like(frame, pattern)) {
      throw new Fault(`${this.name} got ${told(frame)} instead of ${told({ type, ...pattern })}`);
    }
    return frame;
  }

  /** The next frames, one for each pattern, in any order: what one entry gives its author has no order among itself. */
  async expectAll(patterns: readonly Pattern[]): Promise<void> {
    const left = [...patterns];
    while (left.length > 0) {
      const frame = await this.next(told(left[0]));
      const at = left.findIndex((pattern) => like(frame, pattern));
      if (at < 0) throw new Fault(`${this.name} got ${told(frame)} instead of ${told(left[0])}`);
      left.splice(at, 1);
    }
  }

  /** Every frame up to the first that fits, which is the last one returned. */
  async until(pattern: Pattern): Promise<ServerFrame[]> {
    const frames: ServerFrame[] = [];
    for (;;) {
      const frame = await this.next(told(pattern));
      frames.push(frame);
      if (like(frame, pattern)) return frames;
    }
  }

  async hello(more: PlainObject = {}): Promise<WelcomeFrame> {
    this.send({ type: "hello", attempt: 1, ...more });
    return this.welcomedBy({ resumed: false });
  }

  async welcomedBy(pattern: Pattern): Promise<WelcomeFrame> {
    return this.expect("welcome", pattern);
  }

  /** Joins, and is answered by nothing else. */
  async join(room: string, more: PlainObject = {}): Promise<Extract<ServerFrame, { type: "joined" }>> {
    const n = this.count();
    this.send({ type: "join", n, room, ...more });
    return this.expect("joined", { n, room, self: this.id });
  }

  async joinRefused(room: string, reason: string, more: PlainObject = {}): Promise<void> {
    const n = this.count();
    this.send({ type: "join", n, room, ...more });
    await this.expect("refused", { n, room, reason });
  }

  /** A ping that is answered at once shows that nothing else was on its way. */
  async quiet(): Promise<Extract<ServerFrame, { type: "pong" }>> {
    const n = this.count();
    this.send({ type: "ping", n });
    return this.expect("pong", { n });
  }

  /** Nothing of the room may come from now on. */
  left(room: string): void {
    this.#invariants.left(room);
    this.positions.delete(room);
  }

  /** The close code, which must be one of these; frames that come before it are read by the case. */
  async closed(...codes: readonly number[]): Promise<void> {
    const ending = await this.#patience.wait(`${this.name} to be closed with ${codes.join(" or ")}`, this.#ended);
    const unread = this.#inbox[0];
    if (this.#broken !== undefined) throw new Fault(`${this.name} got ${this.#broken}`);
    if (unread !== undefined) throw new Fault(`${this.name} got ${told(unread)} before its close`);
    if (!codes.includes(ending.code)) {
      throw new Fault(`${this.name} was closed with ${ending.code} instead of ${codes.join(" or ")}`);
    }
  }

  /** Refused with one of the reasons where the server says so before, and closed with one of the codes. */
  async turnedAway(reasons: readonly string[], codes: readonly number[]): Promise<void> {
    await this.#patience.wait(`${this.name} to be closed with ${codes.join(" or ")}`, this.#ended);
    for (const frame of this.#inbox.splice(0)) {
      if (frame.type !== "refused" || !reasons.includes(frame.reason)) {
        throw new Fault(`${this.name} got ${told(frame)} instead of a refusal with ${reasons.join(" or ")}`);
      }
    }
    await this.closed(...codes);
  }

  /**
   * Closed, whatever came before: a node that does not hold a session may welcome a resume, and learn from the log
   * only then that it came too late.
   */
  async over(code: number): Promise<void> {
    await this.#patience.wait(`${this.name} to be closed with ${code}`, this.#ended);
    this.#inbox.length = 0;
    await this.closed(code);
  }

  /** Where the connection stands when a case is over: nothing unread, and still alive if it was. */
  async settled(): Promise<void> {
    if (this.#broken !== undefined) throw new Fault(`${this.name} got ${this.#broken}`);
    if (this.open && this.welcomed) await this.quiet();
    const unread = this.#inbox[0];
    if (unread !== undefined) throw new Fault(`${this.name} got ${told(unread)}, which nothing asked for`);
  }

  #hear(data: Buffer, binary: boolean): void {
    const frame = this.#read(data, binary);
    if (frame === undefined) return;
    this.#note(frame);
    this.#inbox.push(frame);
    this.#wake?.();
  }

  #read(data: Buffer, binary: boolean): ServerFrame | undefined {
    if (binary !== this.codec.binary) return this.#break(binary ? "a binary frame" : "a text frame");
    const decoded = this.codec.decode(data);
    if (!decoded.ok) return this.#break(`a frame that is not ${this.codecName}: ${decoded.detail ?? decoded.reason}`);
    const inspected = this.#invariants.inspect(decoded.value);
    if (!inspected.ok) return this.#break(inspected.why);
    return inspected.frame === undefined || isAside(inspected.frame) ? undefined : inspected.frame;
  }

  #break(why: string): undefined {
    this.#broken ??= why;
    this.#wake?.();
  }

  /** Tokens and positions are kept as they come, as any client keeps them. */
  #note(frame: ServerFrame): void {
    if (frame.type === "welcome") this.#welcome = frame;
    if (frame.type === "pong") for (const { room, asOf } of frame.rooms) this.positions.set(room, asOf);
    if (!("position" in frame) || frame.position === undefined || !("room" in frame)) return;
    if (frame.type === "member" && frame.change === "count") return;
    this.positions.set(frame.room, frame.position);
  }
}

function isOf<Type extends ServerFrame["type"]>(
  frame: ServerFrame,
  type: Type,
): frame is Extract<ServerFrame, { type: Type }> {
  return frame.type === type;
}

/** Frames about the node rather than about the conversation, which may come at any moment. */
function isAside(frame: ServerFrame): boolean {
  return frame.type === "degraded" || frame.type === "goaway" || (frame.type === "ice" && frame.n === undefined);
}
