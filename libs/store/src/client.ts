// What the store needs of a connection to Redis, whatever stands behind it: one server, what Sentinels name, a Cluster.

/** Bytes are sent as they are, and must not change until they are. */
export type Word = string | number | Buffer;

/** Bytes of one question: beyond, it would hold up everybody else's, and servers close the connection at some size. */
const mostBytes = 1 << 25;

/** Throws when a question is larger than any that our own caps allow. */
export function checkSize(words: readonly Word[]): void {
  let bytes = 0;
  for (const word of words) bytes += typeof word === "number" ? 8 : word.length;
  if (bytes > mostBytes) throw new RangeError(`a question of ${bytes} bytes is not sent to Redis`);
}

/** A server that keeps a part of everything; with a Cluster each master is one. */
export interface Part {
  /** The same object as long as the same connection leads to it. */
  readonly connection: object;
  /** A key that this server holds, for asking whether it is still what it was. */
  readonly lifeKey: string;
}

export interface Client {
  /** Texts of the answer come as bytes. Rejects with whatever the library says. */
  call(command: string, words: readonly Word[]): Promise<unknown>;
  parts(): readonly Part[];
  /** Called once when the client is of no use any more, and was not closed. */
  onEnd(listener: () => void): void;
  /** Something changed among the servers of a Cluster. */
  onChange(listener: () => void): void;
  close(): void;
}

/**
 * Opens a new client, once: no attempt of its own after it was lost. Rejects with `Refusal` or whatever went wrong;
 * `signal` gives the attempt up.
 */
export type Dial = (signal: AbortSignal) => Promise<Client>;

/** Asking again would not help: somebody must change a setting. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
