// The settings of the Spreed WebRTC door: what its clients may do, who its users are, and what its pages are told.
import Type from "typebox";
import { choice, key, reload, secret } from "./leaves.ts";

const pattern = {
  // A pattern that is none is found by `spreedBreaches`, which can say what is wrong with it.
  minLength: 1,
  expects: "a regular expression as JavaScript has them, without slashes around it",
};

const roomTypes = Type.Object(
  {
    patterns: Type.Array(
      Type.Object({
        pattern: Type.String({
          description: "A regular expression over room names as clients write them; case counts.",
          ...pattern,
          examples: ["^team/"],
        }),
        type: choice(["Room", "Conference"], { description: "The type of rooms whose name it matches." }),
      }),
      {
        description:
          "Types of rooms by name, the first that matches. In a `Conference` the server tells everybody whom to call. " +
          "What matches none is a `Room`.",
        default: [],
        maxItems: 256,
        examples: [[{ pattern: "^team/", type: "Conference" }]],
        reload,
      },
    ),
    names: Type.Array(
      Type.Object({
        name: Type.String({
          description: "The name of one room, as clients write it.",
          pattern: "^[^\\u0000-\\u001f\\u007f]{1,256}$",
          expects: "the name of a room",
          examples: ["standup"],
        }),
        type: choice(["Room", "Conference"], { description: "The type of the room of that name." }),
      }),
      {
        description:
          "Types of single rooms by their exact name, before any pattern. A reload takes them over for rooms that are " +
          "entered from then on.",
        default: [],
        maxItems: 1_024,
        examples: [[{ name: "standup", type: "Conference" }]],
        reload,
      },
    ),
  },
  { description: "Which rooms are conferences." },
);

const users = Type.Object(
  {
    enabled: Type.Boolean({ description: "Whether clients may log in as users.", default: false, reload }),
    mode: choice(["sharedsecret", "httpheader"], {
      description:
        "`sharedsecret`: another program vouches for users with `users.secret`. `httpheader`: a proxy in front has " +
        "logged them in, and names them in `users.header`.",
      default: "sharedsecret",
      reload,
    }),
    secret: Type.Optional(
      secret({
        description: "What the program that vouches for users signs their logins with, as text.",
        expects: "a text",
        examples: [{ file: "/run/secrets/spreed-users" }],
        reload,
      }),
    ),
    header: Type.String({
      description: "The header in which the proxy names the user; it must let no client set it.",
      default: "x-users",
      pattern: "^[A-Za-z0-9-]{1,64}$",
      expects: "the name of a header",
      reload,
    }),
    allowRegistration: Type.Boolean({
      description: "Whether anybody may become a user, with `sharedsecret`.",
      default: false,
      reload,
    }),
  },
  { description: "Users of the Spreed door." },
);

export const spreed = Type.Object(
  {
    enabled: Type.Boolean({ description: "Whether clients of Spreed WebRTC are served.", default: true }),
    path: Type.String({
      description: "The path of the door, after `listen.basePath`: its socket is `ws` below it.",
      default: "/spreed/",
      pattern: "^/([A-Za-z0-9._~-]+/)+$",
      expects: "a path that begins and ends with a slash, and is not / alone",
    }),
    realm: Type.String({
      description: "The realm of its clients: native clients of the same realm meet them in rooms of the same name.",
      default: "default",
      pattern: "^[a-z0-9-]{1,32}$",
      expects: "1 to 32 lower-case letters, digits or hyphens",
    }),
    version: Type.String({
      description:
        "What clients are told as the server's version. Web clients ask their users to reload when it is not the one " +
        "that their page was made with; the same on every node.",
      default: "0.29.7",
      pattern: "^[\\w.+-]{1,64}$",
      expects: "a version like 0.29.7",
      reload,
    }),
    title: Type.String({ description: "The title that integrations show.", default: "Heliograph", reload }),
    serverToken: Type.String({
      description: "Public; web clients mix it into the key to what they keep on their disk. Never changed.",
      default: "heliograph",
      minLength: 1,
      expects: "a text",
      reload,
    }),
    serverRealm: Type.String({
      description: "What stands behind the @ of users that are registered.",
      default: "local",
      pattern: "^[A-Za-z0-9.-]{1,128}$",
      expects: "a name like example.org",
      reload,
    }),
    lastingSecrets: Type.Array(
      key({
        description: "At least 32 random bytes, as `heliograph token-key` prints them.",
        expects: "at least 32 bytes in hexadecimal or base64, as `heliograph token-key` prints them",
        examples: [{ file: "/run/secrets/spreed-lasting" }],
      }),
      {
        description:
          "What users' secret names and contacts are made with, the same on every node and kept for years: whoever " +
          "loses it locks users out of what their browsers keep. The first makes what is new, the others still open " +
          "what they made. Without any, each start draws a random one. Wanted where users log in.",
        default: [],
        maxItems: 8,
      },
    ),
    defaultRoomEnabled: Type.Boolean({
      description: "Whether there is a room without a name, where clients are that ask for none.",
      default: true,
      reload,
    }),
    caseSensitiveRooms: Type.Boolean({
      description: "Whether `Lobby` and `lobby` are two rooms.",
      default: false,
    }),
    globalRoom: Type.Optional(
      Type.String({
        description: "The room whose members stand in the list of every room, and whose chat is heard in every room.",
        minLength: 1,
        expects: "the name of a room",
        examples: ["helpdesk"],
      }),
    ),
    authorizeRoomJoin: Type.Boolean({
      description: "Whether only users may enter rooms. Needs `users.enabled`.",
      default: false,
      reload,
    }),
    authorizeRoomCreation: Type.Boolean({
      description: "Whether only users may enter rooms that nobody is in. Needs `users.enabled`.",
      default: false,
      reload,
    }),
    publicRooms: Type.Optional(
      Type.String({
        description:
          "A regular expression over names as written: rooms that everybody may open and enter all the same.",
        ...pattern,
        examples: ["^public$"],
        reload,
      }),
    ),
    lockedRoomJoinableWithPin: Type.Boolean({
      description: "What web clients are told of locking: whether they ask for PINs, or make them up and never ask.",
      default: true,
      reload,
    }),
    roomTypes,
    users,
    modules: Type.Object(
      {
        contacts: Type.Boolean({
          description: "Whether users may ask each other for contact.",
          default: true,
          reload,
        }),
      },
      { description: "What may be switched off." },
    ),
    stats: Type.Boolean({
      description: "Whether anybody may read how many rooms, sessions and users there are, at `api/v1/stats`.",
      default: false,
      reload,
    }),
    tokenFile: Type.Optional(
      Type.String({
        description:
          "A file of access codes that web clients ask for at their entrance, one a line. It is read again when it " +
          "changes. The socket asks for none.",
        minLength: 1,
        expects: "the path of a file",
        examples: ["/etc/heliograph/codes.csv"],
      }),
    ),
  },
  { description: "The door of Spreed WebRTC clients." },
);
