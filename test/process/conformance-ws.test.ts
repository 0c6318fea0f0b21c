// The kit against our own edge where the native sockets cannot load.
import { vi } from "vitest";
import { conforming } from "./conforming.ts";

vi.mock("uWebSockets.js", () => {
  throw new Error("there is no binary for this machine");
});

conforming("ws");
