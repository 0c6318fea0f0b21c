// Spreed WebRTC, buddy pictures: uploaded in a status, shown by a reference, fetched from any node.
import { describe, expect } from "vitest";
import type { SpreedClient } from "./client.ts";
import { inside } from "./client.ts";
import { dataUrl, gif, html, jpeg, png, svg, webp } from "./images.ts";
import type { Stage } from "./stage.ts";
import { freshRoom, told } from "./told.ts";

const reference = /^img:([\w-]{20})\/([\w-]{12})\/([\w.]+)$/;

/** Says a picture, and tells what the others are told in its place. */
async function shown(a: SpreedClient, b: SpreedClient, buddyPicture: unknown, more = {}): Promise<unknown> {
  a.status({ displayName: "Ann", buddyPicture, ...more });
  return inside((await b.take("Status")).Data, "Status", "buddyPicture");
}

async function pair(stage: Stage): Promise<readonly [SpreedClient, SpreedClient]> {
  const room = freshRoom();
  const [a, b] = await stage.ab();
  await a.join(room);
  await b.join(room);
  return [a, b];
}

async function fetched(stage: Stage, place: number, picture: unknown, init: RequestInit = {}) {
  const path = String(picture).replace(/^img:/, "");
  // A proxy that keeps a picture shows it for a day: what the nodes themselves say is asked for.
  const answer = await fetch(`${stage.direct(place)}static/img/buddy/s46/${path}`, init);
  return { status: answer.status, headers: answer.headers, bytes: Buffer.from(await answer.arrayBuffer()) };
}

describe("a picture", () => {
  told("[spreed 58] is referred to, served by every node, and has a new address when it is another", async (stage) => {
    const [a, b] = await pair(stage);
    const first = await shown(a, b, dataUrl("image/jpeg", jpeg("one")));
    expect(first).toMatch(reference);
    expect(String(first)).toMatch(/\/picture\.jpg$/);
    const [, id, change] = reference.exec(String(first)) ?? [];
    expect(id).not.toContain(a.id);
    for (const place of [0, 1, 2]) {
      const got = await fetched(stage, place, first);
      expect(got.status).toBe(200);
      expect(got.bytes.equals(jpeg("one"))).toBe(true);
      expect(got.headers.get("content-type")).toBe("image/jpeg");
      expect(got.headers.get("cache-control")).toMatch(/\bmax-age=86400\b/);
      expect(got.headers.get("cache-control")).toMatch(/\bpublic\b/);
      expect(got.headers.get("x-content-type-options")).toBe("nosniff");
      const etag = got.headers.get("etag") ?? "";
      expect(etag.startsWith(`"${change}`) && etag.endsWith('"')).toBe(true);
      const again = await fetched(stage, place, first, { headers: { "if-none-match": etag } });
      expect([again.status, again.bytes.length]).toStrictEqual([304, 0]);
      const head = await fetched(stage, place, first, { method: "HEAD" });
      expect([head.status, head.headers.get("content-length")]).toStrictEqual([200, String(jpeg("one").length)]);
    }
    expect(await shown(a, b, dataUrl("image/jpeg", jpeg("one")))).toBe(first);
    const second = await shown(a, b, dataUrl("image/jpeg", jpeg("two")));
    const [, sameId, otherChange] = reference.exec(String(second)) ?? [];
    expect(sameId).toBe(id);
    expect(otherChange).not.toBe(change);
    expect((await fetched(stage, 2, second)).bytes.equals(jpeg("two"))).toBe(true);
    // A reference, or none, stays as it is.
    expect(await shown(a, b, second)).toBe(second);
    expect(await shown(a, b, "")).toBe("");
    // Whoever comes later is told the same.
    await shown(a, b, second);
    const c = await stage.come(2);
    await c.join(freshRoom());
    a.chat(c.id, { Message: "here" });
    const { A } = await c.take("Chat");
    const { Data } = await c.ask("Sessions", { Type: "session", Token: A });
    expect(inside(Data, "Users", 0, "Status", "buddyPicture")).toBe(second);
  });

  told("[spreed 58] may be of each of four kinds, by what it is and not by what is said of it", async (stage) => {
    const [a, b] = await pair(stage);
    const kinds = [
      [png, "image/png", "picture.png"],
      [jpeg("x"), "image/jpeg", "picture.jpg"],
      [gif, "image/gif", "picture.gif"],
      [webp, "image/webp", "picture.webp"],
    ] as const;
    for (const [picture, type, name] of kinds) {
      const told = String(await shown(a, b, dataUrl(type, picture)));
      expect(told).toMatch(reference);
      expect(told.endsWith(`/${name}`)).toBe(true);
      const got = await fetched(stage, 1, told);
      expect([got.status, got.headers.get("content-type")]).toStrictEqual([200, type]);
    }
    // A wrong word for a right picture.
    const told = await shown(a, b, dataUrl("text/html", png));
    const got = told === undefined ? undefined : await fetched(stage, 1, told);
    expect([undefined, "image/png"]).toContain(got?.headers.get("content-type"));
  });

  told("[spreed 59] is gone with its owner, on every node", async (stage) => {
    const [a, b] = await pair(stage);
    const told = await shown(a, b, dataUrl("image/png", png));
    for (const place of [0, 1, 2]) expect((await fetched(stage, place, told)).status).toBe(200);
    await a.close();
    expect((await b.take("Left")).Data["Status"]).toBe("hard");
    for (const place of [0, 1, 2]) {
      await expect.poll(async () => (await fetched(stage, place, told)).status, { timeout: 10_000 }).toBe(404);
    }
  });

  told("[spreed 59] stays where the session goes on in another connection", async (stage) => {
    const [a, b] = await pair(stage);
    const told = await shown(a, b, dataUrl("image/png", png));
    const second = await stage.come(2, { token: a.token });
    await a.closed;
    for (const place of [0, 1, 2]) expect((await fetched(stage, place, told)).status).toBe(200);
    // The same bytes again are the same picture.
    second.status({ displayName: "Ann", buddyPicture: dataUrl("image/png", png) });
    await second.join(freshRoom());
    const { Users } = (await second.ask("Users", {})).Data;
    expect(inside(Users, 0, "Status", "buddyPicture")).toBe(told);
  });

  // Replaces the original's word of it: what is no picture of ours is dropped, and the rest of the status is kept.
  told("[spreed 60] that is none is dropped from the status, and the rest is kept", async (stage) => {
    const [a, b] = await pair(stage);
    const before = await shown(a, b, dataUrl("image/png", png));
    const hostile: Readonly<Record<string, unknown>> = {
      "no base64": "data:image/png;base64,@@@@",
      "no picture": dataUrl("image/png", Buffer.from("just text")),
      empty: "data:image/png;base64,",
      "a page": dataUrl("image/png", html),
      "a page by its name": dataUrl("text/html", html),
      "a drawing with a script": dataUrl("image/svg+xml", svg),
      "a drawing that says it is a picture": dataUrl("image/jpeg", svg),
      "another encoding": `data:image/svg+xml;utf8,${svg}`,
      "raw text": "data:,hello",
      "no comma": "data:image/png;base64",
      "only the first bytes of one": dataUrl("image/png", png.subarray(0, 4)),
      "a cut one of one's words": `data:image/png;base64,${png.toString("base64").slice(0, 5)}`,
      "too large": dataUrl("image/png", Buffer.concat([png, Buffer.alloc(300 << 10)])),
      "very large text": `data:image/png;base64,${"A".repeat(900_000)}`,
      "no text": 7,
      "an object": { data: "x" },
      "a list": ["data:"],
    };
    for (const [what, picture] of Object.entries(hostile)) {
      a.status({ displayName: what, message: "kept", buddyPicture: picture });
      const { Status } = (await b.take("Status")).Data;
      expect([inside(Status, "displayName"), inside(Status, "message")]).toStrictEqual([what, "kept"]);
      const told = inside(Status, "buddyPicture");
      expect([what, told ?? ""]).toStrictEqual([what, ""]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await fetched(stage, 1, before)).headers.get("content-type")).toBe("image/png");
    // Ten megabytes are no frame any more.
    a.status({ displayName: "Ann", buddyPicture: dataUrl("image/png", Buffer.alloc(10 << 20)) });
    await a.closed;
    expect((await b.take("Left")).Data["Id"]).toBe(a.id);
  });

  told("[spreed 59] has no address that could be guessed or that leads elsewhere", async (stage) => {
    const paths = [
      "AAAAAAAAAAAAAAAAAAAA/AAAAAAAAAAAA/picture.png",
      "../../../../etc/passwd",
      "%2e%2e%2f%2e%2e%2fetc/passwd",
      "x",
      "",
      `${"a".repeat(5_000)}/b`,
    ];
    for (const path of paths) {
      const { status, headers } = await fetched(stage, 1, path);
      expect([400, 404, 414, 431]).toContain(status);
      expect(headers.get("content-type") ?? "text/plain").toMatch(/^text\/plain/);
    }
  });
});
