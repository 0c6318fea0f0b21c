// The parts list of an edge: options and ports in, a running edge out.
import type { Codec, DecodeLimits } from "@heliograph/codec";
import { createJsonCodec } from "@heliograph/codec/json";
import { createMsgpackCodec } from "@heliograph/codec/msgpack";
import type { NodeSettings, Observer, World } from "@heliograph/core";
import { Node } from "@heliograph/core";
import { createNativeDialect } from "@heliograph/dialects/native";
import type { CodecName, Realm } from "@heliograph/protocol";
import { Health } from "@heliograph/system";
import { ConnectionCount } from "./connection-count.ts";
import { AllDoors } from "./doors/all-doors.ts";
import { Entrance } from "./doors/entrance.ts";
import { NativeSocketDoor } from "./doors/native-socket.ts";
import { SpreedEdge, type SpreedOptions } from "./doors/spreed/spreed-edge.ts";
import { type DrainPace, drain } from "./drain.ts";
import { Format } from "./format.ts";
import { HelloDeadline } from "./hello-deadline.ts";
import { Inbound } from "./inbound.ts";
import { OriginPolicy, type OwnPage } from "./origin-policy.ts";
import { Outbound } from "./outbound.ts";
import { EdgePictures, type PictureParts } from "./pictures/edge-pictures.ts";
import { belowBase } from "./socket/below-path.ts";
import type { HttpHandler } from "./socket/http.ts";
import type { Listener, TlsFiles } from "./socket/listener.ts";
import { openListener } from "./socket/open-listener.ts";

/** Who may connect. */
export interface Admission {
  readonly origins: readonly string[];
  /** Pages that this server served may connect too. */
  readonly ownPage: OwnPage;
  /** 0: no bound. */
  readonly connectionsPerAddress: number;
}

export interface EdgeOptions extends Admission {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Other processes of ours listen on the same port, and the system spreads connections over them. */
  readonly sharedPort?: boolean;
  readonly tls?: TlsFiles | undefined;
  /** What every path begins with; ends with a slash. */
  readonly basePath: string;
  /** Where the native protocol is spoken, after the base path. */
  readonly socketPath: string;
  readonly realm: Realm;
  readonly trustForwarded: number;
  /** Bytes a client may leave unread before it is closed as `slow_consumer`. */
  readonly bufferedBytes: number;
  readonly maxDepth: number;
  readonly maxKeys: number;
  /** Pages beside the socket; undefined: none. */
  readonly site: HttpHandler | undefined;
  /** Where pictures of people are kept; undefined: profiles keep theirs as they came, and none are served. */
  readonly pictures?: PictureParts | undefined;
  /** Where Spreed WebRTC is spoken; undefined: nowhere. */
  readonly spreed?: SpreedOptions | undefined;
  readonly drain: DrainPace;
}

export interface Edge {
  readonly port: number;
  readonly kind: Listener["kind"];
  readonly node: Node;
  readonly health: Health;
  /** Everything that this edge keeps for clients: all zero when they are gone. */
  readonly held: () => { readonly connections: number; readonly addresses: number; readonly unopened: number };
  /** Undefined: Spreed WebRTC is not spoken here. */
  readonly spreed: SpreedEdge | undefined;
  /** Takes over what may change while sockets are open. */
  allow(admission: Admission): void;
  reloadTls(): Promise<void>;
  /** Asks clients to go elsewhere, waits for them until the deadline, and ends. */
  drain(): Promise<void>;
  /** Ends at once; clients resume elsewhere. */
  stop(): Promise<void>;
}

export async function startEdge(
  options: EdgeOptions,
  world: World,
  fallback: (reason: unknown) => void,
): Promise<Edge> {
  const { settings, clock, observer } = world;
  const node = new Node(world);
  const pictures =
    options.pictures === undefined
      ? undefined
      : new EdgePictures(options.pictures, world, (session) => node.speaksFor(session));
  const outbound = new Outbound(clock, (error) => observer.observe({ type: "fault", where: "an encoder", error }));
  const deadline = new HelloDeadline(clock);
  const count = new ConnectionCount(options.connectionsPerAddress);
  const origins = new OriginPolicy(options.origins, options.ownPage);
  const entrance = new Entrance({ origins, count, trustForwarded: options.trustForwarded });
  const health = new Health(
    [() => (world.log.link === "up" ? undefined : "log")],
    // Rooms that are hosted, and the log of all others, are enough to serve most clients.
    [() => (world.copies.link === "up" ? undefined : "memory")],
  );
  const door = new NativeSocketDoor({
    node,
    outbound,
    deadline,
    entrance,
    inbound: new Inbound(node, pictures?.shelf),
    formats: nativeFormats(options, settings),
    realm: options.realm,
    grace: () => world.settings.limits.grace,
    observer,
  });
  const spreed =
    options.spreed === undefined
      ? undefined
      : new SpreedEdge(options.spreed, {
          node,
          world,
          outbound,
          entrance,
          bufferedBytes: options.bufferedBytes,
          pictures,
          stored: codecsWithin(storedBodies),
        });
  const doors = new AllDoors([door.open, ...(spreed === undefined ? [] : [spreed.door.open])]);
  const listener = await openListener(
    {
      host: options.host,
      port: options.port,
      sharedPort: options.sharedPort ?? false,
      tls: options.tls,
      sockets: [
        {
          path: `${options.basePath.slice(0, -1)}${options.socketPath}`,
          handlers: door,
          maxFrameBytes: settings.limits.frameBytes,
          idleTimeoutSeconds: idleSeconds(settings.limits.heartbeat),
          maxBufferedBytes: options.bufferedBytes,
        },
        ...(spreed === undefined ? [] : [spreed.endpoint()]),
      ],
      http: belowBase(options.basePath, (request) => {
        return (
          health.answer(request.path) ?? spreed?.http(request) ?? pictures?.pages(request) ?? options.site?.(request)
        );
      }),
      onError: (error) => reportFault(observer, error),
    },
    fallback,
  ).catch((error: unknown) => {
    pictures?.end();
    spreed?.end();
    node.end();
    throw error;
  });
  const stop = async (): Promise<void> => {
    await listener.close();
    pictures?.end();
    spreed?.end();
    node.end();
  };
  return {
    port: listener.port,
    kind: listener.kind,
    node,
    health,
    held: () => ({
      connections: doors.connections.size,
      addresses: count.size,
      unopened: deadline.size,
    }),
    allow: ({ origins, ownPage, connectionsPerAddress }) => {
      entrance.setOrigins(new OriginPolicy(origins, ownPage));
      count.allow(connectionsPerAddress);
    },
    spreed,
    reloadTls: () => listener.reloadTls(),
    drain: () => drain({ health, listener, node, door: doors, clock, pace: options.drain }).then(stop),
    stop,
  };
}

/**
 * After this long without a sign of life, pongs included, a client is dropped: with the usual heartbeat of 25 s after
 * 40 s, so that half-open connections end within 45 s. The listener takes 8 to 960 s.
 */
function idleSeconds(heartbeat: number): number {
  return Math.min(960, Math.max(8, Math.round((1.6 * heartbeat) / 1_000)));
}

function nativeFormats(options: EdgeOptions, settings: NodeSettings): ReadonlyMap<string, Format> {
  const { limits } = settings;
  const codecs = codecsWithin({ maxBytes: limits.frameBytes, maxDepth: options.maxDepth, maxKeys: options.maxKeys });
  const stored = codecsWithin(storedBodies);
  const dialect = createNativeDialect({ bodyBytes: limits.bodyBytes, roomsPerSession: limits.roomsPerSession });
  const formats = new Map<string, Format>();
  for (const [subprotocol, name] of dialect.subprotocols) {
    const codec = codecs.get(name);
    if (codec !== undefined) formats.set(subprotocol, new Format(dialect, codec, stored));
  }
  return formats;
}

/**
 * For bodies out of the log: what one node let in every node must be able to read, whatever its own limits are, so these
 * are the most that the configuration allows any.
 */
const storedBodies: DecodeLimits = { maxBytes: 1 << 20, maxDepth: 256, maxKeys: 65_536 };

function codecsWithin(limits: DecodeLimits): ReadonlyMap<CodecName, Codec> {
  return new Map([
    ["json", createJsonCodec(limits)],
    ["msgpack", createMsgpackCodec(limits)],
  ]);
}

function reportFault(observer: Observer, error: unknown): void {
  observer.observe({ type: "fault", where: "a listener", error });
}
