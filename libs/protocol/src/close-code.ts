// Why a socket was closed, and what a client does next: one table, shared by server and client.

/**
 * What the client does after the close: `resume` the session at once or after back-off, start a fresh session with
 * `hello`, or `stop` until a person or the program changes something.
 */
export type AfterClose = "resume" | "hello" | "stop";

/** WebSocket close codes of the private range (RFC 6455 section 7.4.2). Never renumbered, never reused. */
export const closes = {
  normal: { code: 1000, after: "stop", says: "Said bye." },
  too_large: { code: 1009, after: "stop", says: "A frame was larger than the limit told in welcome." },
  broken: { code: 1011, after: "resume", says: "The server met a fault of its own." },
  goaway: { code: 4000, after: "resume", says: "The node is draining: resume elsewhere." },
  slow_consumer: { code: 4001, after: "resume", says: "The client read too slowly; nothing is lost, resume." },
  idle: { code: 4002, after: "resume", says: "No sign of life until the deadline: said by clients." },
  unavailable: { code: 4003, after: "resume", says: "The node cannot serve this session now: resume elsewhere." },
  taken_over: { code: 4004, after: "stop", says: "Another connection of this session speaks now." },
  expired: { code: 4005, after: "hello", says: "The session is over: say hello afresh." },
  malformed: { code: 4400, after: "stop", says: "A frame could not be read." },
  unauthorized: { code: 4401, after: "stop", says: "The token is missing, wrong or of an unknown issuer." },
  hello_deadline: { code: 4408, after: "resume", says: "No hello or resume arrived in time." },
  protocol: { code: 4406, after: "stop", says: "The frame does not fit the subprotocol that was agreed on." },
  flood: { code: 4429, after: "resume", says: "The client went on after slow_down." },
} as const satisfies Record<string, { readonly code: number; readonly after: AfterClose; readonly says: string }>;

export type Close = keyof typeof closes;

const byCode: ReadonlyMap<number, Close> = new Map(
  (Object.keys(closes) as Close[]).map((close) => [closes[close].code, close]),
);

/** The entry behind a close code; undefined for codes that are not ours (1006: the connection was cut). */
export function closeOf(code: number): Close | undefined {
  return byCode.get(code);
}
