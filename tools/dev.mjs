// @ts-check
// npm run dev: recompiles on every change and restarts the standalone server when its output changed.
import { spawn } from "node:child_process";
import { build } from "./build.mjs";
import { root, tool } from "./steps.mjs";

await tool(() => {
  build();
  const programs = [
    ["node_modules/typescript/bin/tsc", "-b", "-w", "--preserveWatchOutput"],
    ["--watch", "--watch-preserve-output", "services/standalone/dist/main.js", ...process.argv.slice(2)],
  ];
  // A group of their own: the compiler's native child outlives its wrapper, and only a signal to the group ends both.
  const children = programs.map((args) =>
    spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "inherit", "inherit"], detached: true }),
  );
  const end = () => {
    for (const { pid } of children) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, "SIGTERM");
      } catch (error) {
        // Already gone is what we wanted.
        if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
      }
    }
  };
  for (const child of children) child.once("exit", end);
  process.once("SIGINT", end);
  process.once("SIGTERM", end);
});
