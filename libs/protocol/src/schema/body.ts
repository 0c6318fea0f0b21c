// What a signal carries: the vocabulary of two peers that set up a call. Passed on as it came, byte for byte.
import Type from "typebox";
import { list, optional, words } from "./common.ts";

const Call = Type.String({
  description: "The caller's name for the call: 1 to 64 characters.",
  minLength: 1,
  maxLength: 64,
});

const Description = Type.Object(
  {
    kind: Type.Literal("description"),
    description: Type.Object(
      {
        type: words(["offer", "answer", "pranswer", "rollback"], "RTCSdpType."),
        sdp: optional(Type.String({ description: "Session description (RFC 8866, RFC 8829); absent for a rollback." })),
      },
      { description: "RTCSessionDescriptionInit (WebRTC 1.0 section 4.6)." },
    ),
  },
  { description: "An offer, an answer or a rollback." },
);

const Candidates = Type.Object(
  {
    kind: Type.Literal("candidates"),
    candidates: list(
      Type.Object({
        candidate: Type.String({
          description: "candidate-attribute of RFC 8839 section 5.1; empty: end of candidates.",
        }),
        sdpMid: optional(Type.Union([Type.String(), Type.Null()])),
        sdpMLineIndex: optional(Type.Union([Type.Integer({ minimum: 0, maximum: 65_535 }), Type.Null()])),
        usernameFragment: optional(Type.Union([Type.String(), Type.Null()])),
      }),
      "RTCIceCandidateInit (WebRTC 1.0 section 4.8.1), in the order in which they were gathered.",
      { minItems: 1, maxItems: 64 },
    ),
  },
  { description: "One or more trickled candidates (RFC 8838)." },
);

const Ring = Type.Object(
  {
    kind: Type.Literal("ring"),
    call: Call,
    media: optional(
      Type.Object(
        { audio: optional(Type.Boolean()), video: optional(Type.Boolean()) },
        { description: "What the caller means to send." },
      ),
    ),
  },
  { description: "Asks for a call." },
);

const Reply = Type.Object(
  {
    kind: words(
      ["accept", "decline", "busy", "hangup"],
      "accept, decline and busy answer a ring; hangup ends a call, or takes a ring back.",
    ),
    call: Call,
    why: optional(Type.String({ description: "For a person to read: at most 256 characters.", maxLength: 256 })),
  },
  { description: "Answers or ends a call." },
);

const Custom = Type.Object(
  { kind: Type.Literal("custom"), value: Type.Unknown() },
  { description: "Anything the two peers have agreed on." },
);

/** Its members in the order of the page. */
export const signalBodies = [Description, Candidates, Ring, Reply, Custom] as const;

export const SignalBody = Type.Union([Description, Candidates, Ring, Reply, Custom], {
  title: "SignalBody",
  description: "What one peer tells another, told apart by `kind`.",
});
