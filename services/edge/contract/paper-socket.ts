// A socket of paper: writes down what it is told, and closes as a listener's does, by calling back at once.
import type { SendResult, Socket } from "../src/socket/listener.ts";

export class PaperSocket implements Socket {
  readonly remoteAddress = "192.0.2.1";
  readonly secure = false;
  bufferedBytes = 0;
  /** Frames, in writes: those of one cork stand together. */
  readonly writes: string[][] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  /** What `send` answers. */
  result: SendResult = "sent";
  onClosed: (code: number) => void = () => undefined;
  #cork: string[] | undefined;

  get frames(): string[] {
    return this.writes.flat();
  }

  get types(): unknown[] {
    return this.frames.map((frame) => JSON.parse(frame).type);
  }

  send(frame: Uint8Array, binary: boolean): SendResult {
    if (this.closes.length > 0 || this.result === "dropped") return "dropped";
    const text = Buffer.from(frame).toString(binary ? "base64" : "utf8");
    if (this.#cork === undefined) this.writes.push([text]);
    else this.#cork.push(text);
    return this.result;
  }

  cork(write: () => void): void {
    const frames: string[] = [];
    this.#cork = frames;
    write();
    this.#cork = undefined;
    if (frames.length > 0) this.writes.push(frames);
  }

  ping(): void {
    // Nobody answers.
  }

  close(code: number, reason: string): void {
    if (this.closes.length > 0) return;
    this.closes.push({ code, reason });
    this.onClosed(code);
  }

  terminate(): void {
    this.close(1006, "");
  }
}
