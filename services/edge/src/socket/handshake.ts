// The opening handshake of RFC 6455, section 4.2.1: what must hold before anybody is asked whether to accept.
import type { HttpResponse } from "./http.ts";
import { text } from "./http.ts";
import type { UpgradeAnswer, UpgradeRequest } from "./listener.ts";
import { RequestHead } from "./request-head.ts";

export class Handshake extends RequestHead implements UpgradeRequest {
  get origin(): string | undefined {
    return this.header("origin");
  }

  get subprotocols(): readonly string[] {
    return subprotocolsOf(this.header("sec-websocket-protocol")) ?? [];
  }
}

/** Whether a client that sent this meant to open a WebSocket. */
export function wantsWebSocket(head: RequestHead): boolean {
  return head.header("upgrade")?.toLowerCase() === "websocket";
}

/** Why a request on an endpoint's path opens no WebSocket, or undefined if it may. */
export function handshakeFault(method: string, head: RequestHead): HttpResponse | undefined {
  if (!wantsWebSocket(head) || !/\bupgrade\b/i.test(head.header("connection") ?? "")) {
    return text(426, `${head.path} speaks WebSocket only: open it with a WebSocket client, new WebSocket(url).\n`, {
      upgrade: "websocket",
    });
  }
  if (method !== "GET") {
    return text(405, "A WebSocket is opened with the method GET.\n", { allow: "GET" });
  }
  if (head.header("sec-websocket-version") !== "13") {
    return text(426, "Only version 13 of the WebSocket protocol (RFC 6455) is spoken here.\n", {
      upgrade: "websocket",
      "sec-websocket-version": "13",
    });
  }
  // 16 bytes in base64.
  if (!/^[+/\dA-Za-z]{22}==$/.test(head.header("sec-websocket-key") ?? "")) {
    return text(400, "The header Sec-WebSocket-Key must be 16 random bytes in base64.\n");
  }
  if (subprotocolsOf(head.header("sec-websocket-protocol")) === undefined) {
    return text(400, "The header Sec-WebSocket-Protocol must be a list of different tokens.\n");
  }
  return undefined;
}

export function nothingToUpgrade(path: string): HttpResponse {
  return text(
    404,
    `No WebSocket is served at ${path}. Check the path of the URL against the server's configuration.\n`,
  );
}

/** The answer of an upgrade handler; its mistakes come out as a thrown error. */
export function askToUpgrade<C>(
  ask: (request: UpgradeRequest) => UpgradeAnswer<C>,
  request: Handshake,
): UpgradeAnswer<C> {
  const answer = ask(request);
  if (answer.accept && answer.subprotocol !== undefined && !request.subprotocols.includes(answer.subprotocol)) {
    // A browser fails such a connection, and says no more than that it failed (RFC 6455, 4.1).
    throw new Error(`the subprotocol ${answer.subprotocol} was not offered`);
  }
  return answer;
}

/** Undefined where RFC 6455, section 4.1 point 10, is broken. */
function subprotocolsOf(header: string | undefined): readonly string[] | undefined {
  if (header === undefined) return [];
  const names = header.split(",").map((name) => name.trim());
  const wellFormed = names.every((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  return wellFormed && new Set(names).size === names.length ? names : undefined;
}
