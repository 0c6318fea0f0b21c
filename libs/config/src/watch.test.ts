import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "./load.ts";
import type { Mistake } from "./mistake.ts";
import type { Reload, ReloadListener, WatchWorld } from "./watch.ts";
import { ConfigWatch } from "./watch.ts";

class Ear implements ReloadListener {
  readonly reloads: Reload[] = [];
  readonly mistakes: (readonly Mistake[])[] = [];
  readonly blindTo: string[] = [];
  #next: (() => void) | undefined;

  /** Resolves at the next thing heard. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#next = resolve;
    });
  }

  reloaded(reload: Reload): void {
    this.reloads.push(reload);
    this.#next?.();
  }

  mistaken(mistakes: readonly Mistake[]): void {
    this.mistakes.push(mistakes);
    this.#next?.();
  }

  blind(folder: string): void {
    this.blindTo.push(folder);
  }
}

/** Files, folders and a timer that move when told. */
class Desk {
  readonly files = new Map<string, string>();
  readonly folders = new Map<string, () => void>();
  due: (() => void) | undefined;

  readonly readFile = (path: string): string => {
    const text = this.files.get(path);
    if (text === undefined) throw Object.assign(new Error("none"), { code: "ENOENT" });
    return text;
  };

  readonly world: WatchWorld = {
    watchFolder: (folder, changed) => {
      this.folders.set(folder, changed);
      return () => this.folders.delete(folder);
    },
    after: (_ms, call) => {
      this.due = call;
      return () => {
        this.due = undefined;
      };
    },
  };

  /** Something happens in the folder, and then nothing for a while. */
  touch(folder: string): void {
    this.folders.get(folder)?.();
    const due = this.due;
    this.due = undefined;
    due?.();
  }
}

function watched(files: Readonly<Record<string, string>>) {
  const desk = new Desk();
  for (const [path, text] of Object.entries(files)) desk.files.set(path, text);
  const source = { file: "etc/h.yaml", env: {}, readFile: desk.readFile };
  const loaded = loadConfig(source);
  if (!loaded.ok) throw new Error("wrong");
  const ear = new Ear();
  return { desk, ear, watch: new ConfigWatch(source, loaded, ear, desk.world) };
}

describe("a watched configuration", () => {
  test("a change is told with what is in force now", () => {
    const { desk, ear } = watched({ "etc/h.yaml": "log: {level: info}" });
    desk.files.set("etc/h.yaml", "log: {level: debug}\nlisten: {port: 9}");
    desk.touch("etc");
    expect(ear.reloads).toMatchObject([
      {
        changed: ["log.level"],
        needRestart: ["listen.port"],
        config: { log: { level: "debug" }, listen: { port: 8080 } },
      },
    ]);
  });

  test("mistakes leave what was in force, and are told once until they change or are asked for", () => {
    const { desk, ear, watch } = watched({ "etc/h.yaml": "" });
    desk.files.set("etc/h.yaml", "log: {level: loud}");
    desk.touch("etc");
    desk.touch("etc");
    expect(ear.mistakes).toHaveLength(1);
    watch.reload();
    expect(ear.mistakes).toHaveLength(2);
    desk.files.set("etc/h.yaml", "log: {level: error}");
    desk.touch("etc");
    expect(ear.reloads).toMatchObject([{ changed: ["log.level"] }]);
  });

  test("another file of the same folder changes nothing", () => {
    const { desk, ear } = watched({ "etc/h.yaml": "" });
    desk.touch("etc");
    expect(ear.reloads).toEqual([]);
  });

  test("a renewed certificate and a rotated secret are found in the folders they stand in", () => {
    const { desk, ear } = watched({
      "etc/h.yaml": "listen: {tls: {cert: /tls/c, key: /tls/k}}\ntokens: {keys: [{id: a, secret: {file: /run/key}}]}",
      "/tls/c": "old",
      "/tls/k": "old",
      "/run/key": "aa".repeat(32),
    });
    expect([...desk.folders.keys()].toSorted()).toEqual(["/run", "/tls", "etc"]);
    desk.files.set("/tls/c", "new");
    desk.touch("/tls");
    expect(ear.reloads.at(-1)).toMatchObject({ changed: [], needRestart: [], renewed: ["listen.tls.cert"] });
    desk.files.set("/run/key", "bb".repeat(32));
    desk.touch("/run");
    expect(ear.reloads.at(-1)).toMatchObject({ changed: ["tokens.keys"], renewed: [] });
  });

  test("folders are followed as long as a file in them is named, and none once it is closed", () => {
    const { desk, watch } = watched({ "etc/h.yaml": "", "/run/key": "aa".repeat(32) });
    desk.files.set("etc/h.yaml", "tokens: {keys: [{id: a, secret: {file: /run/key}}]}");
    desk.touch("etc");
    expect([...desk.folders.keys()]).toEqual(["etc", "/run"]);
    desk.files.set("etc/h.yaml", "");
    desk.touch("etc");
    expect([...desk.folders.keys()]).toEqual(["etc"]);
    watch.close();
    expect([...desk.folders.keys()]).toEqual([]);
  });

  test("a real file that is replaced by renaming is noticed, and followed on", async () => {
    const folder = mkdtempSync(join(tmpdir(), "heliograph-"));
    const file = join(folder, "h.yaml");
    const replace = (text: string) => {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    };
    replace("log: {level: info}");
    const source = { file, env: {}, readFile: (path: string) => readFileSync(path, "utf8") };
    const loaded = loadConfig(source);
    if (!loaded.ok) throw new Error("wrong");
    const ear = new Ear();
    const watch = new ConfigWatch(source, loaded, ear);
    try {
      for (const level of ["debug", "error"]) {
        const heard = ear.next();
        replace(`log: {level: ${level}}`);
        await heard;
        expect(ear.reloads.at(-1)?.config.log.level).toBe(level);
      }
    } finally {
      watch.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("a folder that cannot be followed is told", () => {
    const source = { file: "/nowhere/h.yaml", env: {}, readFile: () => "" };
    const loaded = loadConfig(source);
    if (!loaded.ok) throw new Error("wrong");
    const ear = new Ear();
    new ConfigWatch(source, loaded, ear).close();
    expect(ear.blindTo).toEqual(["/nowhere"]);
  });
});
