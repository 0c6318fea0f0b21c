// The heliograph command: what may be typed, what it does, and how it ends.
import type { ConfigOption, ConfigSource, Environment } from "@heliograph/config";
import { loadConfig, withDotEnv, writeConfig, writeMistake } from "@heliograph/config";
import { Command, CommanderError } from "commander";

/** How the command ended, as the exit code of its process. */
export const exitCodes = {
  /** It did what it was asked. */
  done: 0,
  /** It was carried out and came out badly: a fault, mistakes in a configuration that was checked, failed cases. */
  failed: 1,
  /** Nothing was begun: it was typed wrongly, or the configuration to run with holds mistakes. */
  refused: 2,
} as const;

/** The programs behind the command; each is loaded when it is asked for. */
export interface Programs {
  /** Resolves with an exit code when the process may exit. */
  standalone(source: Omit<ConfigSource, "readFile">): Promise<number>;
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
  root
    .command("standalone")
    .description("run a whole node in this process, without NATS and Redis")
    .option(
      "-c, --config <file>",
      "the configuration file (else HELIOGRAPH_CONFIG, else heliograph.yaml if it is there)",
    )
    .option("-p, --port <number>", "the port to listen on; 0 takes a free one")
    .option("--host <address>", "the address to listen on; :: for every address of the machine")
    .action(async (given: StandaloneOptions) => {
      const env = withDotEnv(around.env, around.readFile);
      code = await programs.standalone({ file: given.config, env, options: optionsOf(given) });
    });
  root
    .command("config")
    .description("look at the configuration")
    .command("check")
    .argument("[file]", "the configuration file (else HELIOGRAPH_CONFIG, else heliograph.yaml if it is there)")
    .description("print every mistake with its place, or the configuration in force without its secrets")
    .action((file: string | undefined) => {
      code = checkConfig(file, around);
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

interface StandaloneOptions {
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
}

function optionsOf({ port, host }: StandaloneOptions): readonly ConfigOption[] {
  return [
    ...(port === undefined ? [] : [{ name: "--port", path: "listen.port", text: port }]),
    ...(host === undefined ? [] : [{ name: "--host", path: "listen.host", text: host }]),
  ];
}

function checkConfig(file: string | undefined, around: Surroundings): number {
  const env = withDotEnv(around.env, around.readFile);
  const loaded = loadConfig({ file, env, readFile: (path) => around.readFile(path) });
  if (loaded.ok) {
    around.out(`# In force with ${loaded.file ?? "no configuration file"} and the environment:\n`);
    around.out(writeConfig(loaded.config));
    return exitCodes.done;
  }
  for (const mistake of loaded.mistakes) around.err(`${writeMistake(mistake)}\n`);
  const { length } = loaded.mistakes;
  around.err(
    `${length === 1 ? "1 mistake" : `${length} mistakes`}. docs/operations/configuration.md has every setting.\n`,
  );
  return exitCodes.failed;
}

const examples = `
Examples:
  heliograph standalone                          on http://127.0.0.1:8080/
  heliograph standalone --host :: --port 80      for everybody
  heliograph config check etc/heliograph.yaml    before a restart
  heliograph conformance ws://127.0.0.1:8080/v1/socket

Exit codes:
  0    done
  1    carried out, with a bad end: a fault, mistakes found, failed cases
  2    nothing begun: typed wrongly, or a configuration with mistakes
  130  ended at once by a second signal`;
