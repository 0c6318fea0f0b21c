// Follows the files behind a configuration and says what a running process should take over from them.
import { watch } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "./config.ts";
import type { ConfigSource, Loaded } from "./load.ts";
import { loadConfig } from "./load.ts";
import type { Mistake } from "./mistake.ts";
import { writeMistake } from "./mistake.ts";
import type { Changes } from "./reload.ts";
import { reloadable, renewed, takeOver } from "./reload.ts";

export interface Reload extends Changes {
  /** What is in force now: what needs a restart is as it was. */
  readonly config: Config;
  /** Settings whose file has new content: certificates to read again. */
  readonly renewed: readonly string[];
}

/** None of these may throw. */
export interface ReloadListener {
  /** Something is different from what was in force. */
  reloaded(reload: Reload): void;
  /** The files hold mistakes; what was in force stays. Said once until the mistakes change, unless asked for. */
  mistaken(mistakes: readonly Mistake[]): void;
  /** The folder cannot be followed; `reload` still works. */
  blind(folder: string, error: unknown): void;
}

/** What watching needs of the world. */
export interface WatchWorld {
  /** Calls `changed` whenever something in the folder may have changed. Returns how to stop. */
  watchFolder(folder: string, changed: () => void, failed: (error: unknown) => void): () => void;
  /** Calls once after so many milliseconds. Returns how to call it off. */
  after(ms: number, call: () => void): () => void;
}

/** Milliseconds without a further change before files are read: editors and Kubernetes change several at once. */
const rest = 200;

export class ConfigWatch {
  readonly #source: ConfigSource;
  readonly #listener: ReloadListener;
  readonly #world: WatchWorld;
  readonly #folders = new Map<string, () => void>();
  #config: Config;
  #files: ReadonlyMap<string, string>;
  #saidMistakes = "";
  #cancelRest: (() => void) | undefined;

  /** `loaded` is what the process started with. */
  constructor(source: ConfigSource, loaded: Loaded, listener: ReloadListener, world: WatchWorld = systemWatch) {
    this.#source = source;
    this.#listener = listener;
    this.#world = world;
    this.#config = loaded.config;
    this.#files = loaded.files;
    this.#follow();
  }

  /** Reads everything again at once: what SIGHUP asks for. */
  reload(): void {
    this.#saidMistakes = "";
    this.#read();
  }

  close(): void {
    this.#cancelRest?.();
    for (const stop of this.#folders.values()) stop();
    this.#folders.clear();
  }

  readonly #touched = (): void => {
    this.#cancelRest?.();
    this.#cancelRest = this.#world.after(rest, () => this.#read());
  };

  #read(): void {
    const result = loadConfig(this.#source);
    if (!result.ok) {
      const said = result.mistakes.map(writeMistake).join("\n");
      if (said !== this.#saidMistakes) this.#listener.mistaken(result.mistakes);
      this.#saidMistakes = said;
      return;
    }
    this.#saidMistakes = "";
    const changes = reloadable(this.#config, result.config);
    const config = takeOver(this.#config, result.config, changes.changed);
    const news: Reload = { ...changes, config, renewed: renewed(config, this.#files, result.files) };
    const untouched = sameFiles(this.#files, result.files);
    this.#config = config;
    this.#files = result.files;
    this.#follow();
    if (!untouched && news.changed.length + news.needRestart.length + news.renewed.length > 0) {
      this.#listener.reloaded(news);
    }
  }

  /** Folders, not files: whoever replaces a file by renaming, as editors and Kubernetes do, leaves a watch of it behind. */
  #follow(): void {
    const wanted = new Set([...this.#files.keys()].map((file) => dirname(file)));
    for (const [folder, stop] of this.#folders) {
      if (wanted.has(folder)) continue;
      stop();
      this.#folders.delete(folder);
    }
    for (const folder of wanted) {
      if (this.#folders.has(folder)) continue;
      const failed = (error: unknown) => this.#listener.blind(folder, error);
      this.#folders.set(folder, this.#world.watchFolder(folder, this.#touched, failed));
    }
  }
}

function sameFiles(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([file, digest]) => b.get(file) === digest);
}

/** Neither the watch nor the timer keeps the process alive. */
const systemWatch: WatchWorld = {
  watchFolder: (folder, changed, failed) => {
    try {
      const watcher = watch(folder, { persistent: false }, changed);
      watcher.on("error", failed);
      return () => watcher.close();
    } catch (error) {
      failed(error);
      return () => undefined;
    }
  },
  after: (ms, call) => {
    const timer = setTimeout(call, ms).unref();
    return () => clearTimeout(timer);
  },
};
