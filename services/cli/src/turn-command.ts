// What may be typed behind `heliograph turn`: a probe of TURN servers, and a configuration file for coturn.

import type { Config, LoadResult, Mistake } from "@heliograph/config";
import { type Command, Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import type { CoturnTyped } from "./turn-coturn.ts";
import type { ProbedZone, ProbeSurroundings, TurnCredentials } from "./turn-probe.ts";

/** Loaded when asked for. */
export interface TurnPrograms {
  /** Resolves with whether everything is as it must be. */
  turnProbe(zones: readonly ProbedZone[], around: ProbeSurroundings): Promise<boolean>;
  turnCoturn(typed: CoturnTyped, secrets: readonly string[]): Promise<CoturnFileMade>;
}

export type CoturnFileMade =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly mistakes: readonly string[] };

export interface TurnSurroundings {
  readFile(path: string): string;
  now(): number;
  out(text: string): void;
  err(text: string): void;
  load(file: string | undefined): LoadResult;
  /** Answers the exit code. */
  tellMistakes(mistakes: readonly Mistake[]): number;
  end(code: number): void;
}

interface ProbeTyped {
  readonly config?: string;
  readonly url?: readonly string[];
  readonly username?: string;
  readonly password?: string;
  readonly secretFile?: readonly string[];
  readonly ca?: string;
}

export function addTurnCommands(root: Command, programs: TurnPrograms, around: TurnSurroundings): void {
  const turn = root.command("turn").description("look at TURN servers, and set up our own");
  turn
    .command("probe")
    .description("try every server of turn.zones, or those of --url, and tell in plain words whether it relays")
    .option("-c, --config <file>", "the configuration file (else HELIOGRAPH_CONFIG, else heliograph.yaml)")
    .option("--url <url>", "a server like turn:turn.example.org:3478?transport=udp; may be repeated", collected)
    .option("--username <name>", "the login for --url, as a grant gives it")
    .option("--password <password>", "its password, which other users of this machine can see meanwhile")
    .option("--secret-file <file>", "in place of a login: a file with coturn's secret; may be repeated", collected)
    .option("--ca <file>", "a PEM file with an authority to trust beside the well-known ones")
    .action(async (typed: ProbeTyped) => around.end(await probe(typed, programs, around)));
  turn
    .command("coturn")
    .description("print a configuration file of coturn for one machine of a zone")
    .addOption(
      new Option("--for <release>", "4.17 and newer, or Debian 12's")
        .choices(["production", "4.6.1"])
        .default("production"),
    )
    .requiredOption("--address <ip>", "an IPv4 address of the machine; may be repeated", collected)
    .requiredOption("--realm <name>", "like turn.example.org; the same on every machine")
    .option("--udp <port>", "listen on UDP; without any listener named: UDP and TCP on 3478")
    .option("--tcp <port>", "listen on plain TCP, on the port of --udp")
    .option("--tls <port>", "listen on TLS; 443 where a certificate is named and no listener")
    .option("--cert <file>", "the certificate with its chain, on the machine of coturn")
    .option("--key <file>", "its private key, on the machine of coturn")
    .option("--no-stun", "leave STUN to another server")
    .option("--external <public/private>", "behind NAT that maps one address to one: what the world sees, and the own")
    .option("--zone <id>", "shows the matching zone of heliograph.yaml")
    .option("--host <name>", "the name that clients reach it by, for --zone")
    .option("--secret-file <file>", "a file with the secret; the newest first, may be repeated", collected)
    .option("--relay-ports <from-to>", "UDP ports, one for each allocation (20000-32000)")
    .option("--user-quota <number>", "allocations of one user at a time (100)")
    .option("--total-quota <number>", "allocations at a time (1200)")
    .option("--allocation-rate <number>", "bytes per second of one allocation (1000000)")
    .option("--rate <number>", "bytes per second of the machine (100000000)")
    .option("--database <file>", "an empty database of its own (/var/lib/turn/heliograph.db)")
    .option("--pid-file <file>", "where it writes its process id")
    .option("--run-as <user:group>", "whom the process becomes once its ports are open")
    .action(async (typed: CoturnTyped & { readonly secretFile?: readonly string[] }) =>
      around.end(await printCoturn(typed, programs, around)),
    );
}

async function probe(typed: ProbeTyped, programs: TurnPrograms, around: TurnSurroundings): Promise<number> {
  const refuse = (why: string): number => {
    around.err(`${why}\n`);
    return exitCodes.refused;
  };
  const ca = typed.ca === undefined ? undefined : fileText(typed.ca, around);
  if (ca?.ok === false) return refuse(ca.why);
  const surroundings = {
    now: () => around.now(),
    out: (text: string) => around.out(text),
    ...(ca === undefined ? {} : { ca: ca.text }),
  };
  let zones: readonly ProbedZone[];
  if (typed.url === undefined) {
    if ([typed.username, typed.password, typed.secretFile].some((each) => each !== undefined))
      return refuse("A login goes with --url. Without it the servers and secrets of the configuration are probed.");
    const loaded = around.load(typed.config);
    if (!loaded.ok) {
      around.tellMistakes(loaded.mistakes);
      return exitCodes.refused;
    }
    zones = zonesOf(loaded.config);
    if (zones.length === 0)
      return refuse(
        "Nothing to probe: turn.providers has none of type secret with secrets, nor of type static with a login. Name servers by --url.",
      );
  } else {
    const credentials = credentialsOf(typed, around);
    if (typeof credentials === "string") return refuse(credentials);
    const wrong = typed.url.find((url) => !/^turns?:/i.test(url));
    if (wrong !== undefined) return refuse("--url takes addresses that begin with turn: or turns:.");
    zones = [{ name: "servers as named", urls: typed.url, credentials }];
  }
  return (await programs.turnProbe(zones, surroundings)) ? exitCodes.done : exitCodes.failed;
}

/** Zones of every provider that is our own; a provider without the means to log in has none. */
function zonesOf({ turn }: Config): readonly ProbedZone[] {
  return turn.providers.flatMap((provider): readonly ProbedZone[] => {
    const credentials = ownCredentials(provider);
    if (credentials === undefined) return [];
    return turn.zones.map(({ id, urls }) => ({ name: `zone ${id}, provider ${provider.id}`, urls, credentials }));
  });
}

function ownCredentials(provider: Config["turn"]["providers"][number]): TurnCredentials | undefined {
  if (provider.type === "secret" && provider.secrets.length > 0) return { is: "secrets", secrets: provider.secrets };
  if (provider.type !== "static") return undefined;
  return { is: "login", login: { username: provider.username, password: provider.password.reveal() } };
}

/** A text says what is wrong. */
function credentialsOf(typed: ProbeTyped, around: TurnSurroundings): TurnCredentials | string {
  const { username, password, secretFile } = typed;
  if (secretFile !== undefined) {
    if (username !== undefined || password !== undefined) return "Give a login or a secret, not both.";
    const secrets = secretsIn(secretFile, around);
    return secrets.ok ? { is: "secrets", secrets: secrets.texts.map((text) => ({ reveal: () => text })) } : secrets.why;
  }
  if (username === undefined || password === undefined)
    return "--url needs --username and --password, or --secret-file.";
  return { is: "login", login: { username, password } };
}

async function printCoturn(
  { secretFile = [], ...typed }: CoturnTyped & { readonly secretFile?: readonly string[] },
  programs: TurnPrograms,
  around: TurnSurroundings,
): Promise<number> {
  const secrets = secretsIn(secretFile, around);
  if (!secrets.ok) {
    around.err(`${secrets.why}\n`);
    return exitCodes.refused;
  }
  const made = await programs.turnCoturn(typed, secrets.texts);
  if (!made.ok) {
    for (const mistake of made.mistakes) around.err(`${mistake}\n`);
    return exitCodes.refused;
  }
  around.out(made.text);
  if (secrets.texts.length === 0) around.err("No --secret-file: static-auth-secret is for you to write.\n");
  return exitCodes.done;
}

type FileRead = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

function fileText(path: string, around: TurnSurroundings): FileRead {
  try {
    return { ok: true, text: around.readFile(path) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : error;
    return { ok: false, why: `The file ${path} cannot be read (${code}).` };
  }
}

function secretsIn(
  paths: readonly string[],
  around: TurnSurroundings,
): { readonly ok: true; readonly texts: readonly string[] } | { readonly ok: false; readonly why: string } {
  const texts: string[] = [];
  for (const path of paths) {
    const read = fileText(path, around);
    if (!read.ok) return read;
    texts.push(read.text.trim());
  }
  return { ok: true, texts };
}

function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
