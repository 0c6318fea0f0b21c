// Whether TURN servers really relay, told in plain words: what `heliograph turn probe` does.
import { randomBytes } from "node:crypto";
import type { ClockFound, Login, RelayProbe, Secret, TurnTarget } from "@heliograph/turn";
import {
  clockTolerance,
  codeOf,
  echoThroughRelay,
  findClock,
  openWire,
  probeRelay,
  readIceUrl,
  signedLogin,
  TurnClient,
  targetOf,
  wordsOfFailure,
} from "@heliograph/turn";

/** How to log in: signed with a secret of coturn's, any of which it must know, or as it was told. */
export type TurnCredentials =
  | { readonly is: "secrets"; readonly secrets: readonly Secret[] }
  | { readonly is: "login"; readonly login: Login };

export interface ProbedZone {
  readonly name: string;
  readonly urls: readonly string[];
  readonly credentials: TurnCredentials;
}

export interface ProbeSurroundings {
  /** Milliseconds since 1970. */
  now(): number;
  out(text: string): void;
  /** Authorities to trust beside the well-known ones, as PEM. */
  readonly ca?: string;
}

/** Seconds that a login of ours serves: enough for the slowest probe. */
const loginLife = 300;
const day = 86_400_000;
/** Days before its end from which on a certificate is spoken of. */
const certificateDays = 14;

/** Resolves with whether everything is as it must be. */
export async function probeTurn(zones: readonly ProbedZone[], around: ProbeSurroundings): Promise<boolean> {
  let servers = 0;
  let well = 0;
  let clocks = true;
  for (const zone of zones) {
    around.out(`${zone.name}\n`);
    let clock: ClockFound | undefined;
    for (const url of zone.urls) {
      const read = readIceUrl(url);
      const target = read.ok ? targetOf(read.url) : undefined;
      if (target === undefined) continue;
      servers += 1;
      const { lines, good, answers } = await lookAt(target, zone.credentials, around);
      if (good) well += 1;
      around.out([`  ${url}`, ...lines.map((line) => `    ${line}`), ""].join("\n"));
      // The machines of a zone share their secret and are set alike: one of them stands for all.
      if (answers && clock === undefined && zone.credentials.is === "secrets") {
        clock = await clockOf(target, zone.credentials.secrets, around);
        clocks = clock.is === "near" && clocks;
        around.out(`    ${wordsOfClock(clock)}\n`);
      }
    }
  }
  around.out(
    well === servers ? `All ${servers} servers relay.\n` : `${well} of ${servers} servers are as they must be.\n`,
  );
  return servers > 0 && well === servers && clocks;
}

interface Looked {
  readonly lines: readonly string[];
  readonly good: boolean;
  /** It is a TURN server and asked for our login. */
  readonly answers: boolean;
}

async function lookAt(target: TurnTarget, credentials: TurnCredentials, around: ProbeSurroundings): Promise<Looked> {
  const options = around.ca === undefined ? {} : { ca: around.ca };
  const login = loginOf(credentials, around.now());
  if (login === undefined) return { lines: ["There is no secret to sign a login with."], good: false, answers: false };
  const found = await probeRelay(target, login, options);
  const certificate = wordsOfCertificate(found, around.now());
  if (found.trouble !== undefined) {
    const { failure, step } = found.trouble;
    const lines = [`does not relay. ${wordsOfFailure(failure, step, target)}`, ...certificate];
    return { lines, good: false, answers: codeOf(failure) === 401 };
  }
  const echo = await echoThroughRelay(target, loginOf(credentials, around.now()) ?? login, options);
  const lines = [
    echo.ok
      ? `relays: an allocation takes ${Math.ceil(found.ms)} ms, data there and back ${Math.ceil(echo.value.ms)} ms.`
      : `allocates, and carries no data. ${wordsOfFailure(echo.failure, "echo", target)}`,
  ];
  let good = echo.ok;
  const refused = found.guards.filter((guard) => guard.refused).map(({ peer }) => peer);
  const passed = found.guards.filter((guard) => !guard.refused).map(({ peer }) => peer);
  if (refused.length > 0) lines.push(`refuses private peers, as it must (${refused.join(", ")}).`);
  if (passed.length > 0) {
    good = false;
    lines.push(`LETS CLIENTS REACH ${passed.join(" AND ")}: the relay is a way into your network. See its deny list.`);
  }
  if (found.allocation?.open === true) {
    good = false;
    lines.push("ASKS FOR NO LOGIN: everybody may relay through it.");
  }
  const others = credentials.is === "secrets" ? credentials.secrets.slice(1) : [];
  for (const [i, secret] of others.entries()) {
    const taken = await takes(target, signed(secret, around.now()), around);
    if (taken !== true) good = false;
    lines.push(`${taken === true ? "takes" : "DOES NOT TAKE"} logins of secret ${i + 2} of ${others.length + 1}.`);
  }
  return { lines: [...lines, ...certificate], good, answers: found.allocation?.open === false };
}

function clockOf(target: TurnTarget, [secret]: readonly Secret[], around: ProbeSurroundings): Promise<ClockFound> {
  const tryLogin = async (lastSecond: number) =>
    secret === undefined ? undefined : takes(target, signedLogin(secret, newTag(), lastSecond), around);
  return findClock(tryLogin, () => around.now());
}

/** Whether the server takes a login; undefined: it did not come to that. */
async function takes(target: TurnTarget, login: Login, { ca }: ProbeSurroundings): Promise<boolean | undefined> {
  const opened = await openWire(target, ca === undefined ? {} : { ca });
  if (!opened.ok) return undefined;
  const client = new TurnClient(opened.value.wire);
  const allocated = await client.allocate(login);
  if (allocated.ok) await client.refresh(0);
  client.close();
  if (allocated.ok) return true;
  return codeOf(allocated.failure) === 401 ? false : undefined;
}

function loginOf(credentials: TurnCredentials, now: number): Login | undefined {
  if (credentials.is === "login") return credentials.login;
  const [secret] = credentials.secrets;
  return secret === undefined ? undefined : signed(secret, now);
}

function signed(secret: Secret, now: number): Login {
  return signedLogin(secret, newTag(), Math.floor(now / 1_000) + loginLife);
}

/** Each another user: a deleted allocation stays in its user's quota for a second, and a probe makes several. */
function newTag(): string {
  return `probe-${randomBytes(6).toString("base64url")}`;
}

function wordsOfClock(clock: ClockFound): string {
  switch (clock.is) {
    case "near":
      return `Its clock is within ${clockTolerance} s of this machine's.`;
    case "off": {
      const { seconds } = clock;
      const how = seconds > 0 ? `${seconds} s ahead of` : `${-seconds} s behind`;
      return `ITS CLOCK IS ${how.toUpperCase()} THIS MACHINE'S: logins end too ${seconds > 0 ? "soon" : "late"}. Run NTP on both.`;
    }
    case "secret":
      return "It takes no login of this secret, whenever it ends: coturn has another one.";
    case "unknown":
      return "How its clock goes could not be told.";
    default:
      return clock satisfies never;
  }
}

function wordsOfCertificate({ certificateEnds }: RelayProbe, now: number): readonly string[] {
  if (certificateEnds === undefined) return [];
  const days = Math.floor((certificateEnds - now) / day);
  return days < certificateDays ? [`Its certificate ends in ${days} days.`] : [];
}
