import { expect, test } from "vitest";
import { appeared, named } from "./devices.ts";

const camera = (deviceId: string, label = "") => ({ deviceId, label });
const cameras = (...listed: ReturnType<typeof camera>[]) =>
  named({ cameras: listed, microphones: [], speakers: [] }).cameras;

test("nameless devices get a number", () => {
  expect(cameras(camera("a", "Webcam"), camera("b")).map((device) => device.label)).toEqual(["Webcam", "Camera 2"]);
});

test("what browsers list before permission, or a second time as the default, is no choice", () => {
  expect(cameras(camera(""), camera("default", "Default"), camera("x", "Webcam"))).toEqual([
    { id: "x", label: "Webcam" },
  ]);
});

test("a device that was plugged in is found", () => {
  const before = cameras(camera("a", "One"));
  const now = cameras(camera("b", "Two"), camera("a", "One"));
  expect(appeared(before, now)).toEqual([{ id: "b", label: "Two" }]);
  expect(appeared(now, before)).toEqual([]);
});
