// Opens one connection: TCP, the server's INFO, TLS where either side wants it, who we are, and the first PONG.
import { readFile } from "node:fs/promises";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Codec, PlainObject, PlainValue } from "@heliograph/codec";
import type { Clock } from "@heliograph/core";
import { credsAuthenticator, nkeyAuthenticator } from "@nats-io/transport-node";
import type { BusOptions } from "../options.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import type { ServerFacts } from "./nats-link.ts";
import { type Hearer, ServerWords } from "./server-words.ts";

/** Milliseconds that one attempt to connect may take. */
const dialPatience = 2000;
const defaultPort = 4222;

/** The server knows us not, or no longer. */
export class AuthorizationRefused extends Error {
  override readonly name = "AuthorizationRefused";
}

/** What the server says of itself, as far as it concerns us. */
interface Greeting {
  readonly facts: ServerFacts;
  readonly nonce: string;
  readonly tlsRequired: boolean;
  readonly tlsAvailable: boolean;
}

export interface DialPorts {
  readonly json: Codec;
  readonly clock: Clock;
}

/** Rejects with what went wrong. Files are read at every attempt, so that renewed ones count. */
export async function dial(
  server: string,
  options: BusOptions,
  { json, clock }: DialPorts,
  host: ConnectionHost,
): Promise<Connection> {
  const { address, port } = placeOf(server);
  const [credentials, files] = await Promise.all([credentialsOf(options), filesOf(options)]);
  const sockets: Socket[] = [];
  let late: Error | undefined;
  const timer = clock.after(dialPatience, () => {
    late = new Error(`no answer from ${server} within ${dialPatience} ms`);
    for (const socket of sockets) socket.destroy();
  });
  const kept = (socket: Socket): Socket => {
    sockets.push(socket);
    // One that fails when nobody waits for it any more must not bring the process down.
    return socket.on("error", () => undefined);
  };
  try {
    const plain = kept(connectTcp({ host: address, port, noDelay: true }));
    const words = new ServerWords(deaf);
    const { facts, nonce, tlsRequired, tlsAvailable } = await greetingOf(plain, words, json);
    const wanted = options.tls !== undefined || server.startsWith("tls://");
    if (wanted && !tlsRequired && !tlsAvailable) throw new Error("the server does not support 'tls'");
    const hello = { ...whoWeAre(options), ...credentials(nonce) };
    if (!wanted && !tlsRequired) return await introduce(plain, words, facts, hello, json, host);
    // The plain socket is the way of the other from here on, and reads nothing by itself.
    plain.removeAllListeners("data");
    const secured = kept(connectTls({ ...files, ...nameOf(address), socket: plain }));
    await event(secured, "secureConnect");
    const secrets = new ServerWords(deaf);
    listen(secured, secrets);
    return await introduce(secured, secrets, facts, { ...hello, tls_required: true }, json, host);
  } catch (error) {
    for (const socket of sockets) socket.destroy();
    throw late ?? error;
  } finally {
    timer.cancel();
  }
}

const deaf: Hearer = { message() {}, info() {}, serverPing() {}, pong() {}, refusal() {} };

function listen(socket: Socket, words: ServerWords): void {
  socket.on("data", (chunk: Buffer) => {
    if (!words.take(chunk)) socket.destroy(new Error("the server does not speak the NATS protocol"));
  });
}

/** Rejects when the socket ends before `name`. */
function event(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(name, resolve);
    failing(socket, reject);
  });
}

function failing(socket: Socket, reject: (error: Error) => void): void {
  socket.once("error", reject);
  socket.once("close", () => reject(new Error("the server closed the connection")));
}

function greetingOf(socket: Socket, words: ServerWords, json: Codec): Promise<Greeting> {
  return new Promise((resolve, reject) => {
    failing(socket, reject);
    words.tell({
      ...deaf,
      info: (bytes) => {
        const read = json.decode(bytes);
        const info = read.ok && isObject(read.value) ? read.value : undefined;
        if (info === undefined) reject(new Error("the server's INFO is not JSON"));
        else resolve(readGreeting(info));
      },
      refusal: (says) => reject(new Error(says)),
    });
    listen(socket, words);
  });
}

/** CONNECT, and a PING behind it: its PONG says that we are taken, anything else why not. */
function introduce(
  socket: Socket,
  words: ServerWords,
  facts: ServerFacts,
  hello: PlainObject,
  json: Codec,
  host: ConnectionHost,
): Promise<Connection> {
  return new Promise((resolve, reject) => {
    failing(socket, reject);
    words.tell({
      ...deaf,
      pong: () => resolve(new Connection(socket, words, facts, host)),
      refusal: (says) => reject(refusalOf(says)),
      serverPing: () => void socket.write("PONG\r\n"),
    });
    socket.write(`CONNECT ${new TextDecoder().decode(json.encode(hello))}\r\nPING\r\n`);
  });
}

/** What stands between the quotes of -ERR, as an error of its kind. */
export function refusalOf(says: string): Error {
  return /^(authorization|user authentication|account authentication|authentication)/i.test(says)
    ? new AuthorizationRefused(says)
    : new Error(says);
}

function whoWeAre({ name }: BusOptions): PlainObject {
  return {
    name,
    lang: "heliograph",
    version: process.version,
    protocol: 1,
    verbose: false,
    pedantic: false,
    headers: true,
    no_responders: true,
    // What we say ourselves is heard here without the network. Live copies of the log come from the server, not from us.
    echo: false,
  };
}

/** The answer to the server's nonce. */
async function credentialsOf(options: BusOptions): Promise<(nonce: string) => PlainObject> {
  const { user, password, token, nkeySeed, credsFile } = options;
  if (credsFile !== undefined) return signer(credsAuthenticator(await readFile(credsFile)));
  if (nkeySeed !== undefined) return signer(nkeyAuthenticator(new TextEncoder().encode(nkeySeed)));
  return () => ({
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { pass: password }),
    ...(token === undefined ? {} : { auth_token: token }),
  });
}

function signer(sign: (nonce?: string) => unknown): (nonce: string) => PlainObject {
  return (nonce) => {
    const signed = sign(nonce);
    if (typeof signed !== "object" || signed === null) return {};
    return Object.fromEntries(
      Object.entries(signed).filter((each): each is [string, string] => typeof each[1] === "string"),
    );
  };
}

async function filesOf({ tls }: BusOptions): Promise<{ ca?: Buffer; cert?: Buffer; key?: Buffer }> {
  const { caFile, certFile, keyFile } = tls ?? {};
  return {
    ...(caFile === undefined ? {} : { ca: await readFile(caFile) }),
    ...(certFile === undefined ? {} : { cert: await readFile(certFile) }),
    ...(keyFile === undefined ? {} : { key: await readFile(keyFile) }),
  };
}

/** Certificates are compared with what was dialled, a name or an address; only a name may be told in the handshake. */
function nameOf(address: string): { readonly host: string; readonly servername?: string } {
  return isIP(address) === 0 ? { host: address, servername: address } : { host: address };
}

function placeOf(server: string): { readonly address: string; readonly port: number } {
  const [, bracketed, plain, port] = /^(?:\w+:\/\/)?(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(server) ?? [];
  return { address: bracketed ?? plain ?? server, port: port === undefined ? defaultPort : Number(port) };
}

function readGreeting(info: PlainObject): Greeting {
  const { version, max_payload, jetstream, nonce, tls_required, tls_available } = info;
  return {
    facts: {
      version: typeof version === "string" ? version : "0",
      maxPayload: typeof max_payload === "number" ? max_payload : 0,
      jetStream: jetstream === true,
    },
    nonce: typeof nonce === "string" ? nonce : "",
    tlsRequired: tls_required === true,
    tlsAvailable: tls_available === true,
  };
}

function isObject(value: PlainValue): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
