// One of two servers is killed under load: what Socket.IO's clients lose, and what ours do, by the same judge.
import { RedisServer } from "@heliograph/cluster";
import { range } from "../against.ts";
import type { Bench, Row } from "../bench.ts";
import { Ground } from "../ground.ts";
import { type Aftermath, type ConversationOptions, conversation } from "../kill/conversation.ts";
import { HeliographStage } from "../kill/heliograph.ts";
import { SocketIoStage } from "../kill/socket-io.ts";
import type { Stage } from "../kill/talker.ts";
import { spread } from "../median.ts";

const load: ConversationOptions = {
  sessions: 200,
  roomSize: 5,
  perSecond: 500,
  before: 5_000,
  after: 10_000,
  settle: 10_000,
};

interface Contender {
  readonly name: string;
  stage(): Promise<Stage>;
}

const contenders: readonly Contender[] = [
  {
    name: "Socket.IO 4.8 with its Redis Streams adapter and connection state recovery",
    stage: async () => {
      const redis = await RedisServer.start();
      const stage = await SocketIoStage.start(redis.port);
      return {
        enter: (...how) => stage.enter(...how),
        kill: (server) => stage.kill(server),
        end: async () => {
          await stage.end();
          await redis.stop();
        },
      };
    },
  },
  { name: "Heliograph", stage: async () => new HeliographStage(await Ground.start({ edges: 2 })) },
];

export function killBench(name: "kill" | "kill-baseline"): Bench {
  const who = name === "kill" ? contenders : contenders.slice(0, 1);
  return {
    name,
    about:
      name === "kill"
        ? "SIGKILL of one of two servers under 500 msg/s: sessions recovered and messages lost, Socket.IO and Heliograph"
        : "the same, Socket.IO alone",
    run: async ({ runs, quick, progress }) => {
      const options = quick ? { ...load, sessions: 40, before: 1_000, after: 5_000, settle: 4_000 } : load;
      const outcomes = new Map<string, Aftermath[]>(who.map((contender) => [contender.name, []]));
      for (let run = 0; run < runs; run += 1) {
        for (const contender of who) {
          progress(`${name}: ${contender.name}, run ${run + 1} of ${runs}`);
          const stage = await contender.stage();
          try {
            outcomes.get(contender.name)?.push(await conversation(stage, options));
          } finally {
            await stage.end();
          }
        }
      }
      progress("");
      return [...outcomes].map(([contender, aftermaths]) => told(contender, aftermaths));
    },
  };
}

function told(contender: string, aftermaths: readonly Aftermath[]): Row {
  const of = (part: (aftermath: Aftermath) => number): string => range(spread(aftermaths.map(part)), 0);
  const recovered = `${of(({ recovered, cut }) => (100 * recovered) / cut)} %`;
  const [lost, missed, doubled] = [of((a) => a.lost), of((a) => a.lostDeliveries), of((a) => a.doubled)];
  console.log(`${contender}, ${aftermaths.length} kills`);
  console.log(`  sessions of the dead server   ${of((a) => a.cut)}, recovered ${recovered}`);
  console.log(`  said, acknowledged            ${of((a) => a.said)}, ${of((a) => a.acknowledged)}`);
  console.log(`  acknowledged and lost         ${lost} messages, ${missed} deliveries`);
  console.log(`  heard twice, in other orders  ${doubled}, ${of((a) => a.disagreements)} pairs`);
  const whole = aftermaths.every((a) => a.recovered === a.cut && a.lost + a.doubled + a.disagreements === 0);
  const ours = contender === "Heliograph";
  return {
    what: `a server killed under load: ${contender}`,
    measured: `${recovered} of its sessions recovered, ${lost} acknowledged messages lost, ${doubled} doubled`,
    goal: ours ? "100 %, 0 lost, 0 doubled" : "none",
    standing: ours ? (whole ? "met" : "missed by more than 25 %") : "reported",
  };
}
