// The one door from plain values to what a client says: exact case of keys, and a wrong type drops the frame.
import { readChat } from "./chat.ts";
import { Fields } from "./fields.ts";
import type { Credentials, Read, Said, Unread } from "./said.ts";
import { mostConferring } from "./said.ts";

/** Never throws, whatever plain value a codec gives. */
export function readFrame(value: unknown): Read {
  const frame = Fields.of(value, "");
  if (frame === undefined) return unread("not an object");
  const type = frame.text("Type");
  const iid = frame.text("Iid");
  if (frame.fault !== undefined) return unread(frame.fault);
  const said = readDocument(type, frame);
  if (!("ok" in said)) return { ok: true, value: { iid, said } };
  return said.told ? { ...unread(said.why), answer: { iid, code: "bad_request" } } : unread(said.why);
}

/** `told`: its sender waits, and is answered `bad_request`. */
interface Fault {
  readonly ok: false;
  readonly why: string;
  readonly told: boolean;
}

/** Characters of a PIN, as in the native protocol: members of any dialect must be able to give it. */
const longestPin = 64;
/** Characters of `Ua` that are kept: it travels with each Joined. */
const longestUa = 1024;

function readDocument(type: string, frame: Fields): Said | Fault {
  switch (type) {
    case "Self":
    case "Leave":
    case "Users":
      return { type };
    case "Hello":
    case "Room":
    case "Sessions":
    case "Authentication": {
      const document = frame.part(type);
      if (frame.fault !== undefined) return fault(frame.fault);
      if (document === undefined) return { ok: false, why: `${type} without its document`, told: true };
      const said = sound(document, readRequest(type, document));
      return "ok" in said ? said : withPin(said);
    }
    case "Status":
    case "Alive":
    case "Offer":
    case "Answer":
    case "Candidate":
    case "Bye":
    case "Chat":
    case "Conference": {
      const document = frame.part(type);
      if (frame.fault !== undefined) return fault(frame.fault);
      if (document === undefined) return fault(`${type} without its document`);
      return sound(document, readSpoken(type, document));
    }
    case "":
      return fault("no Type");
    default:
      return fault("unknown Type");
  }
}

function readRequest(type: "Hello" | "Room" | "Sessions" | "Authentication", document: Fields): Said | Fault {
  switch (type) {
    case "Hello": {
      const name = document.text("Name");
      const id = document.text("Id");
      // `Version` is ignored, but must be of its type.
      document.text("Version");
      return {
        type,
        hello: {
          name: name === "" ? id : name,
          roomType: document.text("Type"),
          ua: document.text("Ua").slice(0, longestUa).toWellFormed(),
          ...readCredentials(document),
        },
      };
    }
    case "Room":
      return {
        type,
        room: { name: document.text("Name"), roomType: document.text("Type"), ...readCredentials(document) },
      };
    case "Sessions": {
      const kind = document.text("Type");
      const token = document.text("Token");
      if (kind === "session" || kind === "contact") return { type, kind, token };
      return { ok: false, why: "Sessions of an unknown Type", told: true };
    }
    case "Authentication":
      return { type, userid: document.text("Userid"), nonce: document.text("Nonce") };
    default:
      return type satisfies never;
  }
}

type Spoken = "Status" | "Alive" | "Offer" | "Answer" | "Candidate" | "Bye" | "Chat" | "Conference";

function readSpoken(type: Spoken, document: Fields): Said | Fault {
  // Of each the inner Type is checked for being a text and else ignored: what is relayed bears the outer one.
  document.text("Type");
  switch (type) {
    case "Status":
      return { type, status: document.any("Status") };
    case "Alive":
      return { type, alive: document.count("Alive") };
    case "Offer":
    case "Answer": {
      const to = document.text("To");
      const body = document.object(type);
      if (body === undefined) return fault(`${type}.${type} is missing`);
      return to === "" ? fault(`${type} to nobody`) : { type, to, body };
    }
    case "Candidate": {
      const to = document.text("To");
      if (!document.has(type)) return fault("Candidate.Candidate is missing");
      return to === "" ? fault("Candidate to nobody") : { type, to, body: document.any(type) };
    }
    case "Bye": {
      const to = document.text("To");
      return to === "" ? fault("Bye to nobody") : { type, to, body: document.any(type) };
    }
    case "Chat": {
      const to = document.text("To");
      const chat = document.part("Chat");
      return chat === undefined ? fault("Chat.Chat is missing") : { type, to, chat: readChat(chat) };
    }
    case "Conference": {
      const members = document.texts("Conference");
      if (members.length > mostConferring) return fault("Conference of too many");
      return { type, id: document.text("Id"), members };
    }
    default:
      return type satisfies never;
  }
}

function readCredentials(document: Fields): { readonly credentials?: Credentials } {
  const credentials = document.part("Credentials");
  return credentials === undefined ? {} : { credentials: { PIN: credentials.text("PIN") } };
}

/** The original takes any text for a PIN; an overlong one would keep everybody else out. */
function withPin(said: Said): Said | Fault {
  const wish = said.type === "Hello" ? said.hello : said.type === "Room" ? said.room : undefined;
  const pin = wish?.credentials?.PIN ?? "";
  if (pin.length <= longestPin && pin.isWellFormed()) return said;
  return { ok: false, why: `${said.type}.Credentials.PIN is too long or not well-formed`, told: true };
}

/** A wrong type anywhere comes before whatever else is wrong: such a frame has no answer. */
function sound(document: Fields, said: Said | Fault): Said | Fault {
  return document.fault === undefined ? said : fault(document.fault);
}

function fault(why: string): Fault {
  return { ok: false, why, told: false };
}

function unread(why: string): Unread {
  return { ok: false, why };
}
