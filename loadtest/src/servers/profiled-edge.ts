// The heliograph command under the profiler of V8; the profile is written when the process ends by SIGTERM.
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { heliographCommand } from "@heliograph/cluster";

const folder = process.env["BENCH_PROFILE"] ?? ".";
const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.setSamplingInterval", { interval: 500 });
// Not of interest: how it starts, and what the compiler has not seen often enough.
setTimeout(() => session.post("Profiler.start"), 4_000).unref();
process.once("exit", () => {
  // The answer of a session in its own thread comes within the call.
  session.post("Profiler.stop", (error, { profile }) => {
    if (error === null) writeFileSync(`${folder}/edge-${process.pid}.cpuprofile`, JSON.stringify(profile));
  });
});
process.argv[1] = heliographCommand;
await import(heliographCommand);
