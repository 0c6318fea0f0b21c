// Ports that nobody listens on at the moment of asking, all different.
import { createServer, type Server } from "node:net";

/** They may be taken by others before they are used: whoever starts a server on one looks whether it came up. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const held: Server[] = [];
  try {
    for (let i = 0; i < count; i += 1) {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      held.push(server);
    }
    return held.map((server) => {
      const address = server.address();
      if (address === null || typeof address === "string") throw new Error("a listener on an address has a port");
      return address.port;
    });
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}
