// Whether a STUN server answers on a port: a binding request, and any answer that belongs to it.
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

/** False: none within `bound` milliseconds. TLS is not checked for who it is. */
export function stunAnswers(transport: "udp" | "tcp" | "tls", port: number, bound = 500): Promise<boolean> {
  const transaction = randomBytes(12);
  const request = Buffer.concat([Buffer.from("000100002112a442", "hex"), transaction]);
  return new Promise((resolve) => {
    let end = (_answered: boolean): void => {};
    const hear = (chunk: Buffer): void => end(chunk.subarray(8, 20).equals(transaction));
    if (transport === "udp") {
      const socket = createSocket("udp4").on("message", hear);
      socket.on("error", () => end(false));
      end = once(() => socket.close(), resolve, bound);
      socket.send(request, port, "127.0.0.1");
      return;
    }
    const where = { host: "127.0.0.1", port };
    const socket = transport === "tcp" ? connectTcp(where) : connectTls({ ...where, rejectUnauthorized: false });
    socket.on("data", hear).on("error", () => end(false));
    end = once(() => socket.destroy(), resolve, bound);
    socket.write(request);
  });
}

function once(close: () => void, resolve: (answered: boolean) => void, bound: number): (answered: boolean) => void {
  const late = setTimeout(() => end(false), bound);
  let over = false;
  const end = (answered: boolean): void => {
    if (over) return;
    over = true;
    clearTimeout(late);
    close();
    resolve(answered);
  };
  return end;
}
