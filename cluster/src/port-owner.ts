// Whether a port is held by a process of ours, and not by whoever was quicker.
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Looks into Linux' own tables; where there are none it believes. */
export function holdsPort(pid: number, protocol: "udp" | "tcp", port: number): boolean {
  const table = `/proc/net/${protocol}`;
  if (!existsSync(table)) return true;
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const held = heldSockets(pid);
  return readFileSync(table, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .some(([, local = "", , state, , , , , , inode = ""]) => {
      // State 0A is a TCP socket that listens; another one with this port is somebody's connection.
      return local.endsWith(wanted) && (protocol === "udp" || state === "0A") && held.has(inode);
    });
}

function heldSockets(pid: number): ReadonlySet<string> {
  const folder = `/proc/${pid}/fd`;
  const held = new Set<string>();
  let names: readonly string[] = [];
  try {
    names = readdirSync(folder);
  } catch {
    // It has ended, and holds nothing.
  }
  for (const name of names) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1];
      if (inode !== undefined) held.add(inode);
    } catch {
      // Closed between the listing and the look.
    }
  }
  return held;
}
