// A client that a test leads by hand, frame by frame: it does nothing by itself, and so shows what exactly is answered.
import { PlainClient } from "../kit/plain-client.ts";
import { until } from "../kit/until.ts";
import type { RunningEdge } from "./house.ts";

type Frame = Readonly<Record<string, unknown>>;

export interface Place {
  readonly room: string;
  readonly position: unknown;
}

export class Guest {
  readonly client: PlainClient;
  #n = 0;

  private constructor(client: PlainClient) {
    this.client = client;
  }

  /** Connected, and nothing said yet. */
  static async at({ url }: Pick<RunningEdge, "url">): Promise<Guest> {
    return new Guest(await PlainClient.open(url));
  }

  static async welcomed(edge: Pick<RunningEdge, "url">): Promise<Guest> {
    const guest = await Guest.at(edge);
    guest.client.send({ type: "hello", attempt: 1 });
    await guest.client.next("welcome");
    return guest;
  }

  static async joined(edge: Pick<RunningEdge, "url">, room: string): Promise<Guest> {
    const guest = await Guest.welcomed(edge);
    const answer = await guest.join(room);
    if (answer["type"] !== "joined") throw new Error(`not let in: ${JSON.stringify(answer)}`);
    return guest;
  }

  get frames(): readonly Frame[] {
    return this.client.frames;
  }

  /** The session's public id, which is the member's in every room. */
  get id(): string {
    return String(this.frames.findLast(({ type }) => type === "welcome")?.["session"]);
  }

  get token(): unknown {
    return this.frames.findLast(({ type }) => type === "welcome")?.["token"];
  }

  /** Where this guest has got to in the room, by the last frame of it that bears a position. */
  position(room: string): unknown {
    return this.frames.findLast((frame) => frame["room"] === room && frame["position"] !== undefined)?.["position"];
  }

  async join(room: string, pin?: string): Promise<Frame> {
    this.#n += 1;
    const n = this.#n;
    return this.#answered({ type: "join", n, room, ...(pin === undefined ? {} : { pin }) }, (frame) => {
      return frame["type"] === "joined" ? frame["room"] === room : frame["type"] === "refused" && frame["n"] === n;
    });
  }

  /** The answer to each room named, or the refusal of the whole. */
  async resume(token: unknown, attempt: number, places: readonly Place[]): Promise<readonly Frame[]> {
    const from = this.frames.length;
    this.client.send({ type: "resume", attempt, token, rooms: places });
    const answers = () => this.frames.slice(from).filter(({ type }) => type === "resumed" || type === "refused");
    const over = () => answers().some(({ type }) => type === "refused") || answers().length >= places.length;
    await until("a resume is answered", over);
    return answers();
  }

  /** A command with a number of the room's own count, and its answer. */
  async say(frame: Frame & { readonly n: number; readonly room: string }): Promise<Frame> {
    return this.#answered(frame, (answer) => {
      const answers = answer["type"] === "ack" || answer["type"] === "refused";
      return answers && answer["room"] === frame.room && Number(answer["n"]) >= frame.n;
    });
  }

  /** What was heard of one type in a room. */
  heard(type: string, room: string): readonly Frame[] {
    return this.frames.filter((frame) => frame["type"] === type && frame["room"] === room);
  }

  leaves(): void {
    this.client.send({ type: "bye" });
    this.client.socket.close();
  }

  async #answered(frame: Frame, answers: (frame: Frame) => boolean): Promise<Frame> {
    const from = this.frames.length;
    this.client.send(frame);
    const answer = () => this.frames.slice(from).find(answers);
    await until(`an answer to ${JSON.stringify(frame).slice(0, 200)}`, () => answer() !== undefined);
    return answer() ?? {};
  }
}
