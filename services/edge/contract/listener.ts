// What every listener keeps, whatever library it is made of.

import { describe } from "vitest";
import type { OpenListener } from "./bench.ts";
import { connectionCases } from "./listener-connections.ts";
import { endingCases } from "./listener-endings.ts";
import { handshakeCases } from "./listener-handshake.ts";
import { httpCases } from "./listener-http.ts";
import { messageCases } from "./listener-messages.ts";

export function listenerContract(name: string, open: OpenListener): void {
  describe(`the ${name} listener`, () => {
    describe("opens sockets", () => handshakeCases(open));
    describe("carries messages", () => messageCases(open));
    describe("ends sockets once", () => endingCases(open));
    describe("answers HTTP", () => httpCases(open));
    describe("holds a port", () => connectionCases(open));
  });
}
