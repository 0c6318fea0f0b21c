// The heliograph command: what may be typed, what it does, and how it ends.
import type { Config, ConfigOption, ConfigSource, Environment, LoadResult, Mistake, Program } from "@heliograph/config";
import { loadConfig, withDotEnv, writeConfig, writeMistake } from "@heliograph/config";
import { Argument, Command, CommanderError, Option } from "commander";
import { exitCodes } from "./exit-codes.ts";
import { newTokenKey } from "./token-key.ts";
import type { TurnPrograms } from "./turn-command.ts";
import { addTurnCommands } from "./turn-command.ts";

/** A process that serves. Resolves with an exit code when the process may exit. */
export type Serve = (source: Omit<ConfigSource, "readFile" | "program">) => Promise<number>;

/** Whose permissions are asked for. */
export type Role = "edge" | "keeper";

/** The programs behind the command; each is loaded when it is asked for. */
export interface Programs extends TurnPrograms {
  readonly standalone: Serve;
  readonly edge: Serve;
  readonly keeper: Serve;
  /** What a server must allow a process of ours, as a part of the server's own configuration. */
  natsPermissions(role: Role, config: Config): Promise<string>;
  redisPermissions(role: Role, config: Config): Promise<string>;
  /** As `npm run conformance` does: tries the server and resolves with an exit code. */
  conformance(
    args: readonly string[],
    print: (line: string) => void,
    complain: (line: string) => void,
  ): Promise<number>;
}

/** What the command touches of the world. */
export interface Surroundings {
  readonly version: string;
  readonly env: Environment;
  /** Throws, with `code` ENOENT when there is no such file. */
  readFile(path: string): string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Bytes that nobody can guess. */
  random(length: number): Uint8Array;
  out(text: string): void;
  err(text: string): void;
}

/** `args`: what stands behind the command's name. */
export async function runCommand(args: readonly string[], programs: Programs, around: Surroundings): Promise<number> {
  let code: number = exitCodes.done;
  const root = new Command("heliograph")
    .description("A horizontally scaled WebRTC signaling cluster.")
    .version(around.version)
    .showHelpAfterError("Run `heliograph --help` for what can be typed.")
    .exitOverride()
    .configureOutput({ writeOut: around.out, writeErr: around.err })
    .addHelpText("after", examples);
  const serve = (program: Program, listen: string, description: string): Command => {
    return root
      .command(program)
      .description(description)
      .option("-c, --config <file>", `the configuration file (${usually})`)
      .option("-p, --port <number>", "the port to listen on; 0 takes a free one")
      .option("--host <address>", "the address to listen on; :: for every address of the machine")
      .action(async (given: ServeOptions) => {
        const env = withDotEnv(around.env, around.readFile);
        code = await programs[program]({ file: given.config, env, options: optionsOf(given, listen) });
      });
  };
  serve("standalone", "listen", "run a whole node in this process, without NATS and Redis");
  serve("edge", "listen", "run a node of a cluster: clients connect to it, and it to NATS and Redis").option(
    "--workers <number>",
    "how many processes to run on the one port, one per core",
  );
  serve("keeper", "keeper.listen", "look after rooms whose nodes all died; run two of them");
  root
    .command("config")
    .description("look at the configuration")
    .command("check")
    .argument("[file]", `the configuration file (${usually})`)
    .addOption(
      new Option("--for <program>", "which program shall run with it").choices(["standalone", "edge", "keeper"]),
    )
    .description("print every mistake with its place, or the configuration in force without its secrets")
    .action((file: string | undefined, given: { readonly for?: Program }) => {
      code = checkConfig(file, given.for, around);
    });
  const permissions = (server: string, print: (role: Role, config: Config) => Promise<string>): void => {
    root
      .command(server.toLowerCase())
      .description(`what to put into the configuration of ${server}`)
      .command("permissions")
      .addArgument(new Argument("<role>", "who will log in").choices(["edge", "keeper"]))
      .option("-c, --config <file>", `the configuration file of that edge or keeper (${usually})`)
      .description("print the least that the user of an edge, or of a keeper, must be allowed")
      .action(async (role: Role, given: { readonly config?: string }) => {
        const loaded = load(given.config, undefined, around);
        if (!loaded.ok) code = tellMistakes(loaded.mistakes, around);
        else around.out(lineEnded(await print(role, loaded.config)));
      });
  };
  permissions("NATS", (role, config) => programs.natsPermissions(role, config));
  permissions("Redis", (role, config) => programs.redisPermissions(role, config));
  root
    .command("token-key")
    .description("print a new key for resume tokens, to paste into the configuration of every node")
    .action(() => {
      around.out(newTokenKey(around.now(), around.random(32)));
    });
  addTurnCommands(root, programs, {
    ...around,
    load: (file) => load(file, undefined, around),
    tellMistakes: (mistakes) => tellMistakes(mistakes, around),
    end: (ended) => {
      code = ended;
    },
  });
  root
    .command("conformance")
    .argument("<url>", "the server's socket, like ws://127.0.0.1:8080/v1/socket")
    .description("try a server against the native protocol")
    .action(async (url: string) => {
      code = await programs.conformance(
        [url],
        (line) => around.out(`${line}\n`),
        (line) => around.err(`${line}\n`),
      );
    });
  try {
    await root.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version end by this error too, with exit code 0; commander has said the rest.
    return error.exitCode === 0 ? exitCodes.done : exitCodes.refused;
  }
}

const usually = "else HELIOGRAPH_CONFIG, else heliograph.yaml if it is there";

interface ServeOptions {
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
  readonly workers?: string;
}

/** `listen`: the path of the settings that say where the program listens. */
function optionsOf({ port, host, workers }: ServeOptions, listen: string): readonly ConfigOption[] {
  return [
    ...(port === undefined ? [] : [{ name: "--port", path: `${listen}.port`, text: port }]),
    ...(host === undefined ? [] : [{ name: "--host", path: `${listen}.host`, text: host }]),
    ...(workers === undefined ? [] : [{ name: "--workers", path: "workers", text: workers }]),
  ];
}

function lineEnded(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}

function load(file: string | undefined, program: Program | undefined, around: Surroundings): LoadResult {
  const env = withDotEnv(around.env, around.readFile);
  return loadConfig({ file, env, program, readFile: (path) => around.readFile(path) });
}

function checkConfig(file: string | undefined, program: Program | undefined, around: Surroundings): number {
  const loaded = load(file, program, around);
  if (loaded.ok) {
    around.out(`# In force with ${loaded.file ?? "no configuration file"} and the environment:\n`);
    around.out(writeConfig(loaded.config));
    return exitCodes.done;
  }
  return tellMistakes(loaded.mistakes, around);
}

function tellMistakes(mistakes: readonly Mistake[], around: Surroundings): number {
  for (const mistake of mistakes) around.err(`${writeMistake(mistake)}\n`);
  const { length } = mistakes;
  around.err(
    `${length === 1 ? "1 mistake" : `${length} mistakes`}. docs/operations/configuration.md has every setting.\n`,
  );
  return exitCodes.failed;
}

const examples = `
Examples:
  heliograph standalone                          on http://127.0.0.1:8080/
  heliograph standalone --host :: --port 80      for everybody
  heliograph token-key                           a key for the configuration of every edge
  heliograph edge --workers 4                    a node of a cluster on four cores
  heliograph keeper                              beside the edges, two of them
  heliograph nats permissions edge               for the configuration of the NATS servers
  heliograph turn probe                          whether our TURN servers relay
  heliograph turn coturn --address 192.0.2.10 --realm turn.example.org
  heliograph config check etc/heliograph.yaml --for edge
  heliograph conformance ws://127.0.0.1:8080/v1/socket

Exit codes:
  0    done
  1    carried out, with a bad end: a fault, mistakes found, failed cases
  2    nothing begun: typed wrongly, or a configuration with mistakes
  130  ended at once by a second signal`;
