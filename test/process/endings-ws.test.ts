// How connections end where the native sockets cannot load.
import { vi } from "vitest";
import { endings } from "./endings.ts";

vi.mock("uWebSockets.js", () => {
  throw new Error("there is no binary for this machine");
});

endings("ws");
