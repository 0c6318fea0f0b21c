// Every setting there is: the one schema behind validation, types, the editors' schema, the reference page and env-sample.
import type { Static } from "typebox";
import Type from "typebox";
import { keeper, nats, redis } from "./cluster-settings.ts";
import { choice, day, duration, file, hour, key, kibi, mebi, minute, reload, second, size } from "./leaves.ts";
import { spreed } from "./spreed-settings.ts";
import { internal, turn } from "./turn-settings.ts";

const listen = Type.Object(
  {
    host: Type.String({
      description: "The name or address to listen on. `::` and `0.0.0.0` are every address of the machine.",
      default: "127.0.0.1",
      pattern: "^[A-Za-z0-9._:%-]+$",
      expects: "a name or address without brackets, port or scheme",
    }),
    port: Type.Integer({
      description: "The port to listen on; 0 takes a free one and says which.",
      default: 8080,
      minimum: 0,
      maximum: 65_535,
    }),
    basePath: Type.String({
      description: "What every path of this listener begins with, for a balancer that forwards a part of its paths.",
      default: "/",
      pattern: "^/([A-Za-z0-9._~-]+/)*$",
      expects: "a path that begins and ends with a slash",
      examples: ["/calls/"],
    }),
    tls: Type.Optional(
      Type.Object(
        {
          cert: file({
            description: "PEM file of the certificate, the leaf first, then its chain.",
            examples: ["/etc/heliograph/tls.crt"],
          }),
          key: file({
            description: "PEM file of the certificate's private key.",
            examples: ["/etc/heliograph/tls.key"],
          }),
        },
        { description: "TLS 1.2 and above. Renewed files are taken over without dropping a socket." },
      ),
    ),
  },
  { description: "Where clients connect." },
);

const native = Type.Object(
  {
    path: Type.String({
      description: "The path of the native protocol's socket, after `listen.basePath`.",
      default: "/v1/socket",
      pattern: "^(/[A-Za-z0-9._~-]+)+$",
      expects: "a path that begins with a slash and does not end with one",
    }),
    realm: Type.String({
      description: "The realm of the clients that connect there: its rooms are its own.",
      default: "default",
      pattern: "^[a-z0-9-]{1,32}$",
      expects: "1 to 32 lower-case letters, digits or hyphens",
    }),
  },
  { description: "The door of the native protocol." },
);

const limits = Type.Object(
  {
    frameBytes: size({
      description: "A larger frame closes its socket.",
      default: 64 * kibi,
      minimum: kibi,
      maximum: mebi,
    }),
    bodyBytes: size({
      description: "The largest body of a signal, broadcast or shared value. Below `limits.frameBytes`.",
      default: 60_000,
      minimum: 512,
      maximum: mebi,
    }),
    depth: Type.Integer({
      description: "How deep the values of a frame may nest.",
      default: 32,
      minimum: 8,
      maximum: 256,
    }),
    keys: Type.Integer({
      description: "How many keys the mappings of a frame may have together.",
      default: 4_096,
      minimum: 64,
      maximum: 65_536,
    }),
    roomsPerSession: Type.Integer({
      description: "How many rooms a session may be in at once.",
      default: 32,
      minimum: 1,
      maximum: 1_024,
    }),
    connectionsPerAddress: Type.Integer({
      description:
        "How many sockets one client address may hold on this node. A company's proxy counts as one address.",
      default: 1_000,
      minimum: 1,
      maximum: 1_000_000,
      reload,
    }),
    outstanding: Type.Integer({
      description: "How many commands of a session may wait for their answer before it is told to slow down.",
      default: 64,
      minimum: 1,
      maximum: 4_096,
      reload,
    }),
    commandsPerSecond: Type.Integer({
      description: "How many commands a session may send per second.",
      default: 500,
      minimum: 1,
      maximum: 100_000,
      reload,
    }),
    commandBurst: Type.Integer({
      description: "How many commands a session may send at once after a silence.",
      default: 1_000,
      minimum: 1,
      maximum: 1_000_000,
      reload,
    }),
    bufferedBytes: size({
      description: "How much may wait for a client that reads slowly; beyond it the socket is closed and may resume.",
      default: mebi,
      minimum: 64 * kibi,
      maximum: 256 * mebi,
    }),
    laneBytes: size({
      description: "How much may wait for the log per room; chat is refused from half of it on, so that signals pass.",
      default: 2 * mebi,
      minimum: 64 * kibi,
      maximum: 256 * mebi,
      reload,
    }),
    backlogBytes: size({
      description:
        "How much may wait for the log on the whole node, in all rooms together; chat is refused from half of it on. " +
        "While NATS stands still the process may need three times as much memory for it.",
      default: 128 * mebi,
      minimum: mebi,
      maximum: 8192 * mebi,
      reload,
    }),
    ringBytes: size({
      description: "How much of the recent past is kept at hand per room for resumes; beyond it the log is read.",
      default: mebi,
      minimum: 16 * kibi,
      maximum: 256 * mebi,
      reload,
    }),
    guesses: Type.Integer({
      description: "How many wrong PINs a session, and an address, may try per room within `limits.guessWindow`.",
      default: 10,
      minimum: 1,
      maximum: 1_000,
      reload,
    }),
    guessWindow: duration({
      description: "How long wrong PINs are counted.",
      default: minute,
      minimum: second,
      maximum: day,
      reload,
    }),
    heartbeat: duration({
      description:
        "How often a client shows a sign of life. Silent for 1.6 times as long (8 s at least), it is dropped.",
      default: 25 * second,
      minimum: second,
      maximum: 5 * minute,
      reload,
    }),
    grace: duration({
      description: "How long a lost client is `away` before it has `left`. At most `limits.window`.",
      default: 30 * second,
      minimum: second,
      maximum: hour,
      reload,
    }),
    window: duration({
      description: "How long messages are kept for clients that resume.",
      default: 2 * minute,
      minimum: 10 * second,
      maximum: hour,
    }),
  },
  { description: "What one client, room or address may use." },
);

const tokens = Type.Object(
  {
    keys: Type.Array(
      Type.Object({
        id: Type.String({
          description: "Names the key in the tokens that it signed.",
          pattern: "^[\\w-]{1,16}$",
          expects: "1 to 16 letters, digits, hyphens or underscores",
          examples: ["2026-11"],
        }),
        secret: key({
          description: "At least 32 random bytes, as `heliograph token-key` prints them.",
          expects: "at least 32 bytes in hexadecimal or base64, as `heliograph token-key` prints them",
          examples: [{ file: "/run/secrets/token-key" }],
        }),
      }),
      {
        description:
          "What resume tokens are signed with, the same on every node. The first key signs, all verify: to rotate, " +
          "put a new one first, and remove the old one after `tokens.life`. An edge needs one. Without any, each start " +
          "of `heliograph standalone` draws a random one, and nobody resumes across a restart.",
        default: [],
        maxItems: 16,
        examples: [[{ id: "2026-11", secret: { file: "/run/secrets/token-key" } }]],
        reload,
      },
    ),
    life: duration({
      description: "How long a resume token serves.",
      default: day,
      minimum: minute,
      maximum: 30 * day,
    }),
  },
  { description: "Resume tokens." },
);

const drain = Type.Object(
  {
    lag: Type.Unsafe<number | "auto">({
      type: ["integer", "string"],
      form: "duration",
      auto: true,
      description:
        "How long the listener stays open once `/readyz` has turned red, for balancers that look seldom. `auto`: 2s, " +
        "or nothing where `listen.host` is this machine itself.",
      default: "auto",
      minimum: 0,
      maximum: 10 * minute,
    }),
    perSecond: Type.Integer({
      description: "How many clients per second are asked to go elsewhere.",
      default: 1_000,
      minimum: 1,
      maximum: 1_000_000,
    }),
    deadline: duration({
      description:
        "When whoever is left is closed, counted from the signal. Below what kills the process (Kubernetes: 30s).",
      default: 25 * second,
      minimum: 0,
      maximum: hour,
    }),
  },
  { description: "How a node ends on SIGTERM." },
);

const log = Type.Object(
  {
    level: choice(["trace", "debug", "info", "warn", "error", "fatal", "silent"], {
      description: "The least that is logged.",
      default: "info",
      reload,
    }),
    format: choice(["auto", "json", "pretty"], {
      description: "`json`: one object a line. `pretty`: for reading. `auto`: `pretty` on a terminal.",
      default: "auto",
    }),
  },
  { description: "What the process writes to its standard output." },
);

export const settings = Type.Object(
  {
    listen,
    native,
    web: Type.Object(
      {
        enabled: Type.Boolean({
          description: "Whether the demo pages are served under `listen.basePath`.",
          default: true,
        }),
      },
      { description: "The pages." },
    ),
    origins: Type.Array(
      Type.String({
        description: "An origin.",
        pattern: "^(\\*|[a-z][a-z0-9+.-]*://[^\\s/@,]+)$",
        expects: "an origin like https://example.org without a path, or *",
      }),
      {
        description:
          "The origins of the web pages that may connect. Programs that are no browsers need none. `*` lets every page in.",
        default: [],
        maxItems: 1_024,
        examples: [["https://calls.example.org"]],
        reload,
      },
    ),
    ownPage: choice(["auto", "loopback", true, false], {
      description:
        "Whether pages that this server served may connect without standing in `origins`. `loopback`: only those that " +
        "were opened by a name of this machine (localhost, 127.0.0.1, [::1]), since any other name may be a foreign " +
        "page's that was made to lead here. `auto`: `loopback` where `listen.host` is this machine itself, else false.",
      default: "auto",
      reload,
    }),
    workers: Type.Integer({
      description:
        "How many processes `heliograph edge` runs on the one port, each a node of its own: one per core. Other programs " +
        "are one process always.",
      default: 1,
      minimum: 1,
      maximum: 256,
    }),
    trustForwarded: Type.Integer({
      description:
        "How many proxies stand in front: the client's address is the entry of `X-Forwarded-For` that so many proxies " +
        "ago was added. 0 believes none.",
      default: 0,
      minimum: 0,
      maximum: 16,
    }),
    spreed,
    limits,
    tokens,
    turn,
    internal,
    nats,
    redis,
    keeper,
    drain,
    log,
  },
  { description: "Settings of a Heliograph node." },
);

/** As the schema has it; `Config` is the same with every `auto` decided. */
export type Settings = Static<typeof settings>;
