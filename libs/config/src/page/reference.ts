// docs/operations/configuration.md: how settings are given, an example, and a table of every one.
import { expected } from "../read.ts";
import { settings } from "../settings.ts";
import type { Named, Shape } from "../shape.ts";
import { below, shapeOf, variableOf } from "../shape.ts";
import { defaultOf } from "./json-schema.ts";

/** Loaded by a test, so it stays right. */
export const example = `# yaml-language-server: $schema=../configuration.schema.json
listen:
  host: "::"
  port: 8443
  tls:
    cert: /etc/heliograph/tls.crt
    key: /etc/heliograph/tls.key
origins:
  - https://calls.example.org
trustForwarded: 1
limits:
  connectionsPerAddress: 200
  window: 5m
tokens:
  keys:
    - id: 2026-11
      secret: { file: /run/secrets/token-key }
turn:
  tagKey: { file: /run/secrets/turn-tag-key }
  providers:
    - type: secret
      id: own
      secrets: [{ file: /run/secrets/coturn }]
  zones:
    - id: eu
      priority: 10
      label: Europe
      urls: ["turn:eu.turn.example.org:3478?transport=udp", "turns:eu.turn.example.org:443?transport=tcp"]
nats:
  servers: [tls://nats1.example.org:4222, tls://nats2.example.org:4222, tls://nats3.example.org:4222]
  credsFile: /run/secrets/heliograph.creds
  replicas: 3
redis:
  mode: sentinel
  nodes: [sentinel1.example.org:26379, sentinel2.example.org:26379, sentinel3.example.org:26379]
  sentinelName: heliograph
  username: heliograph-edge
  password: { file: /run/secrets/redis }
log:
  format: json
`;

const opening = `# Configuration

<!-- Generated from libs/config by \`npm run docs:configuration\`; do not edit. -->

Nothing needs to be configured to begin: without a file, \`heliograph standalone\` listens on loopback with the defaults below; an edge
of a cluster needs \`tokens.keys\` and nothing more where NATS and Redis are on its own machine. \`heliograph config check\` prints every
mistake with its line, or the configuration in force with its secrets left out.

## Where settings come from

Later ones win:

1. the defaults below;
2. one YAML file: what \`--config\` names, else what \`HELIOGRAPH_CONFIG\` names, else \`heliograph.yaml\` in the working directory, if it
   is there;
3. variables of the environment, \`HELIOGRAPH_\` and the path of the setting in capitals: \`limits.frameBytes\` is
   \`HELIOGRAPH_LIMITS_FRAME_BYTES\`. [\`env-sample\`](../../env-sample) lists them all. An empty variable counts as not set. Beneath them,
   unless \`NODE_ENV\` is \`production\`, lies a file \`.env\` in the working directory;
4. options of the command: \`--host\`, \`--port\`, and \`--workers\` of \`heliograph edge\`.

Unknown keys and variables are mistakes. Variables that Kubernetes makes for a Service named \`heliograph\` are not taken for settings.

## How values are written

| kind | in the file | in a variable |
|---|---|---|
| duration | \`30s\`, \`500ms\`, \`1.5h\`, \`1d\`, or milliseconds: \`30000\` | the same |
| size | \`64KiB\`, \`1MiB\`, or bytes: \`65536\` | the same |
| list of texts | a YAML list | texts with commas between; \`[]\` is none |
| list of mappings | a YAML list | the same list in YAML, on one line: \`[{type: secret, id: own, secrets: [{file: /run/secrets/coturn}]}]\` |
| secret | text, or \`{file: <path>}\` | text, or within its list; the variable with \`_FILE\` behind its name holds the path of a file with that text or the whole list |
| path of a file | from the folder of the configuration file | from the working directory |

Secrets are never printed: not in mistakes, not by \`config check\`, not in logs.

## Without a restart

Settings marked *live* are taken over on SIGHUP, or when the file, or a file that it names, changes. So are renewed certificates. A
change that holds a mistake is told and left alone; a change of any other setting is told and waits for the next start.

## An example

Editors that know the YAML language server complete and check the file by
[\`configuration.schema.json\`](../configuration.schema.json).

\`\`\`yaml
${example}\`\`\`
`;

export function referencePage(): string {
  const root = shapeOf(settings);
  if (root.kind !== "group") throw new Error("settings are a group");
  const groups = [...root.fields].filter(([, field]) => field.kind === "group");
  const rest = [...root.fields].filter(([, field]) => field.kind !== "group");
  const sections = groups.map(([name, field]) => {
    return `## \`${name}\`\n\n${field.description}\n\n${table([...rows(field, name)])}`;
  });
  const alone = `## At the top\n\n${table(rest.flatMap(([name, field]) => [...rows(field, name)]))}`;
  return [opening, alone, ...sections].join("\n");
}

function table(lines: readonly string[]): string {
  return ["| setting | default | what | may be |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function* rows(shape: Shape, path: string, inList = false): Generator<string> {
  if (shape.kind === "group") {
    if (shape.optional) yield row([`\`${path}\``, "absent", shape.description, expected(shape)]);
    for (const [name, field] of shape.fields) yield* rows(field, below(path, name), inList);
    return;
  }
  if (shape.kind === "union") {
    const told = new Set<unknown>();
    for (const [type, variant] of shape.variants) {
      for (const [name, field] of variant.fields) {
        // What all of them have stands once.
        if (told.has(field.schema)) continue;
        told.add(field.schema);
        yield* rows(field, name === "type" ? `${path}.type: ${type}` : `${path}.${name}`, true);
      }
    }
    return;
  }
  const names = inList ? `\`${path}\`` : `\`${path}\`<br>\`${variableOf(path)}\``;
  const live = shape.reload ? " *Live.*" : "";
  yield row([names, initialOf(shape), `${shape.description}${live}`, mayBe(shape)]);
  if (shape.kind === "list" && shape.item.kind !== "leaf") yield* rows(shape.item, `${path}[]`, true);
}

/** A bar would end a cell, an angle bracket begin a tag; the line break between a setting and its variable is ours. */
function row(cells: readonly string[]): string {
  const safe = cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll(/<(?!br>)/g, "&lt;"));
  return `| ${safe.join(" | ")} |`;
}

function mayBe(shape: Named): string {
  return shape.kind === "list" && shape.item.kind !== "leaf" ? `at most ${shape.most} mappings` : expected(shape);
}

function initialOf(shape: Named): string {
  if (shape.kind === "dictionary") return shape.optional ? "absent" : "needed";
  if (shape.kind === "list") {
    if (shape.initial === undefined) return shape.optional ? "absent" : "needed";
    return shape.initial.length === 0 ? "none" : shape.initial.map((each) => `\`${String(each)}\``).join(", ");
  }
  const initial = defaultOf(shape);
  return initial === undefined ? (shape.optional ? "absent" : "needed") : `\`${String(initial)}\``;
}
