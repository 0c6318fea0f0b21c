/** The native wire `heliograph.v1`: schemas, and the types they stand for. Import the types with `import type` where typebox must not load. */
import type { SignalBody as signalBody } from "./body.ts";
import type { clientFrames } from "./client.ts";
import type * as shapes from "./common.ts";
import type { serverFrames } from "./server.ts";
import type { Wire } from "./wire.ts";

export { SignalBody as signalBody, signalBodies } from "./body.ts";
export { clientFrames } from "./client.ts";
export { serverFrames } from "./server.ts";
export type { Shape } from "./shape.ts";

type ClientFrames = { readonly [Type in keyof typeof clientFrames]: Wire<(typeof clientFrames)[Type]> };
type ServerFrames = { readonly [Type in keyof typeof serverFrames]: Wire<(typeof serverFrames)[Type]> };

export type ClientFrameType = keyof ClientFrames;
export type ServerFrameType = keyof ServerFrames;
/** The frame of one type: `ClientFrameOf<"join">`. */
export type ClientFrameOf<Type extends ClientFrameType> = ClientFrames[Type];
/** The frame of one type: `ServerFrameOf<"joined">`. */
export type ServerFrameOf<Type extends ServerFrameType> = ServerFrames[Type];
export type ClientFrame = ClientFrames[ClientFrameType];
export type ServerFrame = ServerFrames[ServerFrameType];

export type HelloFrame = ClientFrameOf<"hello">;
export type ResumeFrame = ClientFrameOf<"resume">;
export type JoinFrame = ClientFrameOf<"join">;
export type LeaveFrame = ClientFrameOf<"leave">;
export type SignalFrame = ClientFrameOf<"signal">;
export type BroadcastFrame = ClientFrameOf<"broadcast">;
export type ProfileFrame = ClientFrameOf<"profile">;
export type DataFrame = ClientFrameOf<"data">;
export type RoomFrame = ClientFrameOf<"room">;
export type ModerateFrame = ClientFrameOf<"moderate">;
export type IceFrame = ClientFrameOf<"ice">;
export type ReportFrame = ClientFrameOf<"report">;
export type PingFrame = ClientFrameOf<"ping">;
export type ByeFrame = ClientFrameOf<"bye">;

export type WelcomeFrame = ServerFrameOf<"welcome">;
export type ResumedFrame = ServerFrameOf<"resumed">;
export type AckFrame = ServerFrameOf<"ack">;
export type RefusedFrame = ServerFrameOf<"refused">;
export type JoinedFrame = ServerFrameOf<"joined">;
export type MemberFrame = ServerFrameOf<"member">;
export type SignalledFrame = ServerFrameOf<"signal">;
export type BroadcastedFrame = ServerFrameOf<"broadcast">;
export type DataChangedFrame = ServerFrameOf<"data">;
export type RoomChangedFrame = ServerFrameOf<"room">;
export type ModeratedFrame = ServerFrameOf<"moderated">;
export type GapFrame = ServerFrameOf<"gap">;
export type IceGrantedFrame = ServerFrameOf<"ice">;
export type DegradedFrame = ServerFrameOf<"degraded">;
export type GoawayFrame = ServerFrameOf<"goaway">;
export type PongFrame = ServerFrameOf<"pong">;

export type SignalBody = Wire<typeof signalBody>;
export type WireProfile = Wire<typeof shapes.Profile>;
export type WireMember = Wire<typeof shapes.Member>;
export type WireSettings = Wire<typeof shapes.Settings>;
export type WireSharedValue = Wire<typeof shapes.SharedValue>;
export type WireView = Wire<typeof shapes.View>;
export type WireGap = Wire<typeof shapes.Gap>;
export type WireIce = Wire<typeof shapes.Ice>;
export type WireIceWish = Wire<typeof shapes.IceWish>;
export type WireLimits = WelcomeFrame["limits"];
