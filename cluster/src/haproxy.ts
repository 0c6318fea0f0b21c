// HAProxy in front of the edges, as we advise to run it: no stickiness, quick turning away from what is not ready.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Child, ChildOptions } from "./child.ts";
import type { Part } from "./part.ts";
import { programs } from "./programs.ts";
import { ServerProcess, waitOn } from "./server-process.ts";
import { statusOf } from "./wait.ts";

export interface Backend {
  readonly name: string;
  /** `host:port`. */
  readonly address: string;
}

/**
 * The whole configuration file. `bind`: as HAProxy writes it, like `127.0.0.1:8080`. `nameserver`: where the edges'
 * addresses are names that may come to mean another address, like `127.0.0.11:53` inside Docker.
 */
export function haproxyConfig(bind: string, backends: readonly Backend[], nameserver?: string): string {
  const servers = backends.map(({ name, address }) => `  server ${name} ${address}`);
  const resolvers =
    nameserver === undefined ? "" : `resolvers names\n  nameserver names ${nameserver}\n  hold valid 1s\n\n`;
  const named = nameserver === undefined ? "" : " resolvers names init-addr last,libc,none";
  return `global
  # After a reload the former process goes on for its open sockets, at most this long.
  hard-stop-after 1h

defaults
  mode http
  timeout connect 1s
  timeout client  60s
  # Until an edge has answered; a socket is under "tunnel" from then on.
  timeout server  3s
  # Longer than any silence of a client: its heartbeat is 25 s.
  timeout tunnel  90s
  timeout check   1s
  timeout queue   5s
  # Who does not answer is not asked twice: the next edge is, at once.
  retries 3
  option redispatch 1
  retry-on conn-failure empty-response response-timeout

# Pictures of people, which edges let caches keep: who looks at a room asks its edges for each face once.
cache pictures
  # Megabytes of them all, and bytes of one: an edge takes no larger ones.
  total-max-size 64
  max-object-size 270000
  # Seconds that a picture outlives its owner here at most, however long the edges allow.
  max-age 3600

${resolvers}frontend public
  bind ${bind}
  http-request set-header X-Forwarded-For %[src]
  # What may have been done must not be done again.
  http-request disable-l7-retry unless METH_GET
  # A base path goes before each.
  acl picture path_beg /static/img/buddy/ /spreed/static/img/buddy/ /v1/picture/
  http-request set-var(txn.picture) bool(true) if picture
  # Nobody reaches the edges by asking for a picture in some other way.
  http-request set-pathq %[path] if picture
  http-request del-header Cache-Control if picture
  http-request del-header Pragma if picture
  http-request del-header Authorization if picture
  http-request cache-use pictures if picture
  http-response cache-store pictures if { var(txn.picture) -m bool }
  default_backend heliograph

backend heliograph
  balance roundrobin
  option httpchk
  http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host heliograph
  default-server check inter 500ms fall 2 rise 1${named}
${servers.join("\n")}
`;
}

/** It starts once some edge is ready. SIGTERM ends it at once, its sockets with it; SIGUSR1 would wait for them. */
export class Haproxy extends ServerProcess implements Part {
  readonly name = "haproxy";
  readonly kind = "haproxy";
  readonly port: number;

  /** Listens on the loopback alone. */
  constructor(port: number, backends: readonly Backend[]) {
    super(mkdtempSync(join(tmpdir(), "heliograph-haproxy-")));
    this.port = port;
    writeFileSync(this.configFile, haproxyConfig(`127.0.0.1:${port}`, backends));
  }

  get configFile(): string {
    return join(this.folder, "haproxy.cfg");
  }

  protected launch(): ChildOptions {
    return { program: programs.haproxy, args: ["-db", "-f", this.configFile] };
  }

  protected ready(child: Child): Promise<void> {
    return waitOn(child, "haproxy passing requests on", async () => {
      return (await statusOf(`http://127.0.0.1:${this.port}/healthz`)) === 200;
    });
  }
}
