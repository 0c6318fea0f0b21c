// The yardstick: bare uWebSockets.js that parses each message, looks its addressee up, and passes the bytes on.
import uWS, { type WebSocket } from "uWebSockets.js";
import { served } from "./served.ts";

interface Peer {
  name: string;
}

const peers = new Map<string, WebSocket<Peer>>();
const text = new TextDecoder();

uWS
  .App()
  .ws<Peer>("/*", {
    maxPayloadLength: 65_536,
    idleTimeout: 120,
    upgrade: (response, request, context) => {
      response.upgrade(
        { name: request.getQuery("name") ?? "" },
        request.getHeader("sec-websocket-key"),
        request.getHeader("sec-websocket-protocol"),
        request.getHeader("sec-websocket-extensions"),
        context,
      );
    },
    open: (socket) => {
      const { name } = socket.getUserData();
      peers.set(name, socket);
      socket.subscribe("all");
    },
    message: (socket, bytes) => {
      const frame: { readonly to?: string } = JSON.parse(text.decode(bytes));
      if (frame.to === undefined) socket.publish("all", bytes);
      else peers.get(frame.to)?.send(bytes);
    },
    close: (socket) => {
      peers.delete(socket.getUserData().name);
    },
  })
  .listen("127.0.0.1", 0, (token) => {
    if (token === false) throw new Error("no port for the relay");
    served(uWS.us_socket_local_port(token));
  });
