// What processes have used, as the kernel counts it: the same reading for ours and for servers that are not ours.
import { readFileSync } from "node:fs";

/** Microseconds of one tick of `/proc/<pid>/stat`: `USER_HZ` is 100 on every Linux that Node runs on. */
const tick = 10_000;
/** Fields of `/proc/<pid>/stat` after the command's closing bracket (proc(5) numbers them from 3). */
const [userTime, systemTime] = [14 - 3, 15 - 3];

/** Microseconds of CPU, user and system, of all threads since the process began. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[userTime]) + Number(fields[systemTime])) * tick;
}

/** Resident bytes. */
export function rssOf(pid: number): number {
  const match = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+) kB/m);
  return Number(match?.[1] ?? Number.NaN) * 1_024;
}
