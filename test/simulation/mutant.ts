// The simulation over a core in which one safety rule is missing: its sources are changed as they are read, nowhere else.
import { fileURLToPath } from "node:url";
import { createViteServer } from "vitest/node";

/** In a file below `libs/core/src`: these words are replaced by others. */
export interface Edit {
  readonly file: string;
  readonly words: string;
  readonly by: string;
}

type Conversation = typeof import("./conversation.ts");

const root = fileURLToPath(new URL("../..", import.meta.url));
const core = `${root}libs/core/src/`;
const conditions = ["heliograph-source", "module", "node", "development|production"];

/** Rejects when the sources do not have the words any more: the rule must be looked for anew. */
export async function withConversation<T>(
  edits: readonly Edit[],
  use: (converse: Conversation["converse"]) => Promise<T>,
): Promise<T> {
  const open = new Set(edits);
  const server = await createViteServer({
    root,
    configFile: false,
    appType: "custom",
    logLevel: "error",
    server: { middlewareMode: true, watch: null, hmr: false, ws: false },
    optimizeDeps: { noDiscovery: true },
    ssr: { noExternal: [/^@heliograph\//], resolve: { conditions } },
    plugins: [
      {
        name: "one rule less",
        enforce: "pre",
        transform: (code, id) => {
          let text = code;
          for (const edit of edits) {
            if (id !== core + edit.file || !text.includes(edit.words)) continue;
            text = text.replace(edit.words, () => edit.by);
            open.delete(edit);
          }
          return text === code ? undefined : text;
        },
      },
    ],
  });
  try {
    // What a module loader hands out is unknown to the compiler: this is the one file that is asked for.
    const { converse } = (await server.ssrLoadModule("/test/simulation/conversation.ts")) as Conversation;
    const missing = [...open].map(({ file, words }) => `${file}: ${words}`);
    if (missing.length > 0) throw new Error(`these words are not in the sources any more:\n${missing.join("\n")}`);
    return await use(converse);
  } finally {
    await server.close();
  }
}
