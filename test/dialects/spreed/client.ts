// A client of Spreed WebRTC's channelling API, written from its description, that keeps each frame until a test takes it.
import WebSocket from "ws";

export type Doc = Readonly<Record<string, unknown>>;

/** An envelope, as it came. */
export interface Frame {
  readonly Data: Doc;
  readonly From?: string;
  readonly To?: string;
  readonly Iid?: string;
  readonly A?: string;
}

export interface Coming {
  /** Of an earlier Self. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default true; false: pings stay without an answer. */
  readonly pongs?: boolean;
}

interface Waiter {
  readonly what: string;
  readonly wants: (frame: Frame) => boolean;
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
  readonly late: NodeJS.Timeout;
}

type Wanted = (data: Doc, frame: Frame) => boolean;

/** Milliseconds: who was on a node that died is told as gone after its detection and a grace of 10 s. */
const patience = 40_000;

let markers = 0;
const markText = /^marker \d+$/;

export class SpreedClient {
  readonly socket: WebSocket;
  /** All that ever came, in order. */
  readonly frames: Frame[] = [];
  /** Close code and, as far as there is one, reason; resolves when the socket is closed. */
  readonly closed: Promise<number>;
  /** The newest. */
  self: Doc = {};
  #untaken: Frame[] = [];
  #waiters: Waiter[] = [];
  #iid = 0;
  #over = false;

  /** @param base with which the dialect's addresses begin, like `http://127.0.0.1:8080/spreed/` */
  constructor(base: string, { token, headers = {}, pongs = true }: Coming = {}) {
    const query = token === undefined ? "" : `?t=${encodeURIComponent(token)}`;
    this.socket = new WebSocket(`${base.replace(/^http/, "ws")}ws${query}`, { headers, autoPong: pongs });
    this.socket.on("message", (data, binary) => {
      if (binary) throw new Error("a binary frame came");
      this.#take(JSON.parse(String(data)) as Frame);
    });
    // What ends it is told by its close.
    this.socket.on("error", () => undefined);
    this.closed = new Promise((resolve) =>
      this.socket.on("close", (code) => {
        this.#over = true;
        for (const waiter of this.#waiters.splice(0)) {
          this.#fail(waiter, `the socket was closed with ${code}`);
        }
        resolve(code);
      }),
    );
  }

  /** Resolves with the first frame, which is a Self. */
  static async come(base: string, coming: Coming = {}): Promise<SpreedClient> {
    const client = new SpreedClient(base, coming);
    const first = await client.take("Self");
    if (client.frames[0] !== first) throw new Error(`the first frame is no Self: ${JSON.stringify(client.frames[0])}`);
    return client;
  }

  get id(): string {
    return String(this.self["Id"]);
  }
  get sid(): string {
    return String(this.self["Sid"]);
  }
  get token(): string {
    return String(this.self["Token"]);
  }
  /** Frames that nobody took yet. */
  get untaken(): readonly Frame[] {
    return this.#untaken;
  }

  raw(text: string | Uint8Array): void {
    this.socket.send(text);
  }

  /** A frame of that type; without a document none is in it. */
  say(type: string, document?: unknown, more: Doc = {}): void {
    this.raw(JSON.stringify({ Type: type, ...(document === undefined ? {} : { [type]: document }), ...more }));
  }

  /** The same with an Iid, and the frame that answers it. */
  ask(type: string, document?: unknown): Promise<Frame> {
    this.#iid += 1;
    const iid = `i${this.#iid}`;
    const answer = this.#wait(`an answer to ${type}`, (frame) => frame.Iid === iid);
    this.say(type, document, { Iid: iid });
    return answer;
  }

  hello(name: string, more: Doc = {}): Promise<Frame> {
    return this.ask("Hello", { Version: "0", Ua: "Test 1", Name: name, Type: "", ...more });
  }

  /** Hello that must be welcome. */
  async join(name: string, more: Doc = {}): Promise<Doc> {
    const { Data } = await this.hello(name, more);
    if (Data["Type"] !== "Welcome") throw new Error(`not welcome in “${name}”: ${JSON.stringify(Data)}`);
    return Data;
  }

  /** The users of the room, as a request lists them. */
  async users(): Promise<readonly Doc[]> {
    const { Data } = await this.ask("Users", {});
    if (Data["Type"] !== "Users") throw new Error(`no users: ${JSON.stringify(Data)}`);
    return Data["Users"] as readonly Doc[];
  }

  status(status: unknown): void {
    this.say("Status", { Type: "Status", Status: status });
  }

  /** To the room where `to` is empty. Not echoed unless it says so. */
  chat(to: string, chat: Doc): void {
    this.say("Chat", { To: to, Type: "Chat", Chat: { NoEcho: true, ...chat } });
  }

  relay(type: "Offer" | "Answer" | "Candidate" | "Bye", to: string, inner: unknown): void {
    this.say(type, { To: to, Type: type, [type]: inner });
  }

  /** Takes the first frame of that type, and of that kind, that nobody took yet, once it is there. */
  take(type: string, wanted: Wanted = () => true): Promise<Frame> {
    return this.#wait(`a frame ${type}`, (frame) => frame.Data?.["Type"] === type && wanted(frame.Data, frame));
  }

  /** Takes and tells everything that nobody took yet. */
  takeAll(): readonly Frame[] {
    return this.#untaken.splice(0);
  }

  /** What was said before has been read, and what it made the own node say to this client at once has come. */
  async alive(): Promise<void> {
    markers += 1;
    await this.ask("Alive", { Type: "Alive", Alive: markers });
  }

  /**
   * Whatever `by` has said so far has come here, since what it says now has: a chat to this session, and where both are
   * in one room a chat to the room. The two take different ways, so each proves its own.
   */
  async heardAll(by: SpreedClient, sharedRoom = false): Promise<void> {
    markers += 1;
    const mark = `marker ${markers}`;
    const isMark = (data: Doc) => inside(data, "Chat", "Message") === mark;
    if (sharedRoom) {
      const heard = this.take("Chat", (data, { To }) => To === undefined && isMark(data));
      by.chat("", { Message: mark });
      await heard;
    }
    const heard = this.take("Chat", (data, { To }) => To === this.id && isMark(data));
    by.chat(this.id, { Message: mark });
    await heard;
    await this.alive();
  }

  /** Ends as a page that is left: with a close frame. */
  async close(): Promise<void> {
    if (!this.#over) this.socket.close();
    await this.closed;
  }

  /** Ends without a word. */
  async cut(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  #wait(what: string, wants: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve, reject) => {
      const index = this.#untaken.findIndex(wants);
      const [there] = index === -1 ? [] : this.#untaken.splice(index, 1);
      if (there !== undefined) return resolve(there);
      const late = setTimeout(() => {
        this.#waiters = this.#waiters.filter((each) => each !== waiter);
        this.#fail(waiter, `not within ${patience} ms`);
      }, patience);
      const waiter: Waiter = { what, wants, resolve, reject, late };
      if (this.#over) this.#fail(waiter, "the socket is closed");
      else this.#waiters.push(waiter);
    });
  }

  #fail({ what, reject, late }: Waiter, why: string): void {
    clearTimeout(late);
    const seen = this.#untaken.slice(-12).map((frame) => `\n  ${JSON.stringify(frame).slice(0, 400)}`);
    reject(new Error(`${what}: ${why}. Nobody took:${seen.join("") || " nothing"}`));
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    if (frame.Data?.["Type"] === "Self") this.self = frame.Data;
    const waiter = this.#waiters.find(({ wants }) => wants(frame));
    if (waiter === undefined) {
      // Others of a room hear what was said for one of them to wait for.
      if (!markText.test(String(inside(frame.Data, "Chat", "Message")))) this.#untaken.push(frame);
      return;
    }
    this.#waiters = this.#waiters.filter((each) => each !== waiter);
    clearTimeout(waiter.late);
    waiter.resolve(frame);
  }
}

/** What lies there in a document; undefined where there is no such place. */
export function inside(value: unknown, ...path: readonly (string | number)[]): unknown {
  let at: unknown = value;
  for (const key of path) at = (at as Record<string | number, unknown> | null | undefined)?.[key];
  return at;
}

/** The types of the documents, in order. */
export function typesOf(frames: readonly Frame[]): readonly unknown[] {
  return frames.map(({ Data }) => Data?.["Type"]);
}
