// Socket.IO with its Redis Streams adapter and connection state recovery, as its documentation sets them up.
import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-streams-adapter";
import { Redis } from "ioredis";
import { Server } from "socket.io";

/** What its clients and servers say to each other. */
export interface ToServer {
  /** `to`: a member; "" for everyone else in the room. */
  say(to: string, text: string, done: () => void): void;
}
export interface ToClient {
  said(text: string): void;
}

const redis = new Redis(Number(process.argv[2]), "127.0.0.1");
const http = createServer();
const io = new Server<ToServer, ToClient>(http, {
  adapter: createAdapter(redis),
  connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
  transports: ["websocket"],
});
io.on("connection", (socket) => {
  const { name, room } = socket.handshake.auth;
  if (typeof name !== "string" || typeof room !== "string") {
    socket.disconnect(true);
    return;
  }
  // A recovered socket is in its rooms already; asking again changes nothing.
  void socket.join([`room:${room}`, `member:${name}`]);
  socket.on("say", (to, text, done) => {
    socket.to(to === "" ? `room:${room}` : `member:${to}`).emit("said", text);
    done();
  });
});
http.listen(0, "127.0.0.1", () => {
  const address = http.address();
  if (address !== null && typeof address === "object") console.log(`listening on ${address.port}`);
});
