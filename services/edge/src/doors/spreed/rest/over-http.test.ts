import { afterAll, beforeAll, expect, test } from "vitest";
import { bySharedSecret, PaperRest } from "../../../../contract/spreed-rest.ts";
import type { Listener } from "../../../socket/listener.ts";
import { openUwsListener } from "../../../socket/uws-listener.ts";
import { openWsListener } from "../../../socket/ws-listener.ts";

const rest = new PaperRest(bySharedSecret);
const listeners: Listener[] = [];

beforeAll(async () => {
  for (const open of [openUwsListener, openWsListener]) {
    const onError = (error: unknown) => rest.faults.push(error);
    listeners.push(await open({ host: "127.0.0.1", port: 0, sockets: [], http: rest.handler, onError }));
  }
});
afterAll(async () => {
  await Promise.all(listeners.map((listener) => listener.close()));
});

test.for([
  ["uWebSockets.js", 0],
  ["ws", 1],
] as const)("a login goes through a listener of %s, and so does one that is refused", async ([, which]) => {
  const listener = listeners[which];
  const { id, sid } = rest.session();
  const send = (body: Readonly<Record<string, string>>) =>
    fetch(`http://127.0.0.1:${listener?.port}/api/v1/sessions/${id}/`, { method: "PATCH", body: JSON.stringify(body) });
  const good = await send({ id, sid, ...rest.login("ann") });
  expect([good.status, good.headers.get("cache-control")]).toEqual([200, "no-store"]);
  expect(await good.json()).toMatchObject({ userid: "ann", success: true });
  const wrong = await send({ id, sid, ...rest.login("ann"), secret: "x" });
  expect([wrong.status, await wrong.json()]).toMatchObject([403, { code: "session_patch_failed" }]);
  const wrongMethod = await fetch(`http://127.0.0.1:${listener?.port}/api/v1/rooms`);
  expect([wrongMethod.status, await wrongMethod.text()]).toEqual([405, ""]);
  expect(rest.faults).toEqual([]);
});
