// Bytes that are no frames: too large, of the wrong kind, broken, too deep, or with names that poison.
import type { Case } from "../case.ts";
import type { Client } from "../client.ts";
import { Fault } from "../fault.ts";
import { told } from "../like.ts";
import { barrier } from "../seat.ts";
import type { Trial } from "../trial.ts";
import { codecOf, nested, withRawMember } from "../wire.ts";

/** The frame is refused where it can still be said, and the socket is closed: nothing after it can be trusted. */
async function unreadable(trial: Trial, what: string, bytes: Uint8Array): Promise<void> {
  for (const greeted of [false, true]) {
    const name = `who sends ${what} ${greeted ? "later" : "first"}`;
    const eve = greeted ? await trial.client(name) : await trial.connect(name);
    eve.sendBytes(bytes);
    await eve.turnedAway(["malformed", "too_large"], [4400]);
  }
}

export const hostileBytes: readonly Case[] = [
  {
    name: "a frame larger than frameBytes: 1009",
    section: "limits",
    hostile: true,
    async run(trial) {
      const { frameBytes } = (await trial.client("who asks")).welcome.limits;
      for (const greeted of [false, true]) {
        const eve = greeted ? await trial.client("eve") : await trial.connect("eve");
        eve.sendBytes(Buffer.alloc(frameBytes + 1, 0x20));
        await eve.turnedAway([], [1009]);
      }
    },
  },
  {
    name: "a frame many times larger than frameBytes: 1009, or cut off before it was read",
    section: "limits",
    hostile: true,
    async run(trial) {
      const eve = await trial.client("eve");
      eve.sendBytes(Buffer.alloc(eve.welcome.limits.frameBytes * 20, 0x20));
      // Whoever hangs up in the middle of a frame may not be heard any more: 1006 is what the client then sees.
      await eve.turnedAway([], [1009, 1006]);
    },
  },
  {
    name: "a frame of just frameBytes is read",
    section: "limits",
    async run(trial) {
      const ann = await trial.client();
      const { frameBytes } = ann.welcome.limits;
      const n = ann.count();
      const empty = ann.codec.encode({ type: "ping", n, pad: "" }).byteLength;
      // The length of a long text takes four bytes more in MessagePack.
      const head = ann.codecName === "json" ? 0 : frameBytes > 65_535 + empty ? 4 : 2;
      const bytes = ann.codec.encode({ type: "ping", n, pad: "x".repeat(frameBytes - empty - head) });
      if (bytes.byteLength > frameBytes) throw new Fault(`the kit made ${bytes.byteLength} bytes`);
      ann.sendBytes(bytes);
      await ann.expect("pong", { n });
    },
  },
  {
    name: "text on a MessagePack socket, binary on a JSON socket: 4406",
    section: "connection",
    hostile: true,
    async run(trial) {
      for (const greeted of [false, true]) {
        const eve = greeted ? await trial.client("eve") : await trial.connect("eve");
        // Legal UTF-8 in any case: otherwise the WebSocket layer would be the one to refuse it.
        eve.sendBytes(codecOf("json").encode({ type: "ping", n: 1 }), !eve.codec.binary);
        await eve.turnedAway(["malformed"], [4406]);
      }
    },
  },
  {
    name: "broken UTF-8: refused or dropped by the WebSocket layer, and closed",
    section: "connection",
    hostile: true,
    async run(trial) {
      const broken = [
        [0xff, 0xfe],
        [0xc0, 0xaf],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
      ];
      for (const sequence of broken) {
        const eve = await trial.client("eve");
        const raw = eve.codecName === "json" ? [0x22, ...sequence, 0x22] : [0xa0 + sequence.length, ...sequence];
        eve.sendBytes(withRawMember(eve.codecName, { type: "join", n: 1 }, "room", Uint8Array.from(raw)));
        // In text frames RFC 6455 section 8.1 has the WebSocket layer fail the connection, which may be 1007 or just a cut.
        const codes = eve.codecName === "json" ? [4400, 1007, 1006] : [4400];
        await eve.turnedAway(["malformed"], codes);
      }
    },
  },
  {
    name: "bytes that are not of the codec: malformed, 4400",
    section: "counters-answers-retries",
    hostile: true,
    async run(trial) {
      const samples =
        trial.codec === "json"
          ? [
              "",
              "{",
              "}",
              '{"type":"ping","n":1}{"type":"ping","n":2}',
              "{type:'ping',n:1}",
              '{"type":"ping","n":01}',
              "nul",
            ]
          : [
              "",
              "\xc1",
              "\x81",
              "\x82\xa4type",
              "\xdf\xff\xff\xff\xff",
              "\xdb\xff\xff\xff\xff",
              "\x80\x80",
              "\xc4\x01\x00",
            ];
      for (const sample of samples) await unreadable(trial, told(sample), Buffer.from(sample, "latin1"));
    },
  },
  {
    name: "values that nest too deep: refused, 4400",
    section: "limits",
    hostile: true,
    async run(trial) {
      for (const depth of [1_000, 30_000]) {
        const head = { type: "broadcast", n: 1, room: trial.room() };
        await unreadable(
          trial,
          `${depth} levels`,
          withRawMember(trial.codec, head, "body", nested(trial.codec, depth)),
        );
      }
    },
  },
  {
    name: "__proto__ and its like: ignored or refused, and nothing is poisoned",
    section: "connection",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const evil = ann.client.codec.encode({ type: "bye", open: false, polluted: true });
      for (const name of ["__proto__", "constructor", "prototype", "toJSON", "hasOwnProperty"]) {
        const eve = await trial.client(`who sends ${name}`);
        const n = eve.count();
        eve.sendBytes(withRawMember(eve.codecName, { type: "ping", n }, name, evil));
        await pongOr4400(eve, n);
        const other = await trial.client(`who sends ${name} in a profile`);
        const m = other.count();
        const profile = withRawMember(other.codecName, { name: "Eve" }, name, evil);
        other.sendBytes(withRawMember(other.codecName, { type: "join", n: m, room: trial.room() }, "profile", profile));
        await joinedOr4400(other, m);
      }
      await barrier(ann, bob);
    },
  },
  {
    name: "a body with __proto__ in it is refused, or heard exactly by everyone",
    section: "client-broadcast",
    hostile: true,
    async run(trial) {
      const [ann, bob] = await trial.pair();
      const body = withRawMember(ann.client.codecName, { a: 1 }, "__proto__", ann.client.codec.encode({ b: 2 }));
      const frame = { type: "broadcast", n: 1, room: ann.room };
      ann.client.sendBytes(withRawMember(ann.client.codecName, frame, "body", body));
      const heard = await bob.client.next("a body, or that its sender was cut off");
      if (heard.type === "broadcast") return void (await ann.client.expect("ack", { n: 1 }));
      if (heard.type !== "member" || heard.change !== "away") throw new Fault(`got ${told(heard)}`);
      await ann.client.turnedAway(["malformed"], [4400]);
    },
  },
];

async function pongOr4400(client: Client, n: number): Promise<void> {
  const answer = await client.next("a pong or a refusal");
  if (answer.type === "refused" && answer.reason === "malformed") return client.closed(4400);
  if (answer.type !== "pong" || answer.n !== n) throw new Fault(`got ${told(answer)}`);
}

async function joinedOr4400(client: Client, n: number): Promise<void> {
  const answer = await client.next("joined or a refusal");
  if (answer.type === "refused" && answer.reason === "malformed") return client.closed(4400);
  const profile = answer.type === "joined" ? answer.view.members[0]?.profile : undefined;
  if (answer.type !== "joined" || answer.n !== n || told(profile) !== told({ name: "Eve" })) {
    throw new Fault(`got ${told(answer)}`);
  }
}
