// What is answered to whoever asks for a picture, without a socket.
import type { Happening, Picture, Pictures } from "@heliograph/core";
import { Unreachable } from "@heliograph/core";
import { VirtualClock } from "@heliograph/core/memory";
import { parsePictureId } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import type { HttpRequest, HttpResponse } from "../socket/http.ts";
import { checked } from "../socket/http.ts";
import { changeOf } from "./addresses.ts";
import { picturePages } from "./picture-pages.ts";
import { pictureOf } from "./read-picture.ts";
import { RecentPictures, recentFor } from "./recent-pictures.ts";

const parsed = parsePictureId("picture-------------");
if (!parsed.ok) throw new Error(parsed.reason);
const id = parsed.value;

function gif(words: string): Picture {
  const picture = pictureOf(Buffer.from(`GIF89a${words}`));
  if (picture === undefined) throw new Error("no picture");
  return picture;
}

const ann = gif("ann");
const native = `/v1/picture/${id}/${changeOf(ann)}`;
const buddy = `/static/img/buddy/s46/${id}/${changeOf(ann)}`;

class Trial {
  readonly clock = new VirtualClock({ turn: () => new Promise((resolve) => setImmediate(resolve)) });
  readonly happened: Happening[] = [];
  stored: Picture | undefined = ann;
  reachable = true;
  asked = 0;
  /** As the shelf of this node has it. */
  own: { readonly picture: Picture; readonly onItsWay: boolean } | undefined;
  readonly #get: Pictures["get"] = async () => {
    this.asked += 1;
    if (!this.reachable) throw new Unreachable("the memory is out of reach");
    return this.stored;
  };
  readonly recent = new RecentPictures({ get: this.#get }, this.clock);
  readonly #pages = picturePages({
    shelf: { find: () => this.own?.picture, isOnItsWay: () => this.own?.onItsWay === true },
    recent: this.recent,
    observer: { observe: (happening) => this.happened.push(happening) },
  });

  async ask(path: string, headers: Readonly<Record<string, string>> = {}, method = "GET"): Promise<HttpResponse> {
    let over = false;
    const request: HttpRequest = {
      method,
      path,
      query: "",
      remoteAddress: "",
      header: (name) => {
        if (over) throw new Error("a header was read too late");
        return headers[name];
      },
      readBody: () => Promise.reject(new Error("nothing reads a body here")),
    };
    const answer = this.#pages(request);
    over = true;
    if (answer === undefined) throw new Error("not mine");
    const response = await answer;
    // It may go on the wire as it is.
    checked(response);
    return response;
  }
}

describe("a picture that is there", () => {
  test.for([native, buddy, `${buddy}/picture.gif`, buddy.replace("s46", "x")])(
    "[spreed 58] is served at %s",
    async (path) => {
      const trial = new Trial();
      expect(await trial.ask(path)).toEqual({
        status: 200,
        body: ann.bytes,
        headers: {
          "content-type": "image/gif",
          etag: `"${ann.digest}"`,
          "cache-control": "public, no-transform, max-age=86400",
          "x-content-type-options": "nosniff",
          "content-security-policy": "default-src 'none'; sandbox",
        },
      });
      expect(trial.happened).toEqual([{ type: "picture_asked", answer: "whole" }]);
    },
  );

  test.for([
    [`"${ann.digest}"`, 304],
    [`W/"${ann.digest}"`, 304],
    [`"other", "${ann.digest}"`, 304],
    ["*", 304],
    ['"other"', 200],
    [ann.digest, 200],
  ] as const)("asked with If-None-Match %s: %i", async ([tag, status]) => {
    const trial = new Trial();
    const answer = await trial.ask(native, { "if-none-match": tag });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      etag: `"${ann.digest}"`,
      "cache-control": expect.stringContaining("86400"),
    });
    expect(answer.body.length).toBe(status === 304 ? 0 : ann.bytes.length);
  });

  test("a range is not heeded: the whole of it comes", async () => {
    expect((await new Trial().ask(native, { range: "bytes=0-1" })).status).toBe(200);
  });

  test("HEAD is answered as GET, and nothing else is", async () => {
    expect((await new Trial().ask(native, {}, "HEAD")).status).toBe(200);
    for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
      expect(await new Trial().ask(native, {}, method)).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });
});

describe("nothing", () => {
  const absent = {
    status: 404,
    headers: { "cache-control": "no-store", "content-type": "text/plain; charset=utf-8" },
    body: expect.stringContaining("no such picture"),
  };

  test("[spreed 59] is there once it was taken away", async () => {
    const trial = new Trial();
    trial.stored = undefined;
    expect(await trial.ask(native)).toMatchObject(absent);
    expect(trial.happened).toEqual([{ type: "picture_asked", answer: "absent" }]);
  });

  test("stands under the address of another picture", async () => {
    const trial = new Trial();
    trial.stored = gif("bob");
    expect(await trial.ask(native)).toMatchObject(absent);
    expect(await trial.ask(native, { "if-none-match": "*" })).toMatchObject(absent);
  });

  test.for([
    "/v1/picture/",
    `/v1/picture/${id}`,
    `${native}/`,
    `${native}/picture.gif`,
    `${native}x`,
    `/v1/picture//${native}`,
    native.replace("picture-", "picture%2d"),
    `/static/img/buddy/${id}/${changeOf(ann)}`,
    `/static/img/buddy/s46/${id}`,
    `/static/img/buddy/../${id}/${changeOf(ann)}`,
    `/static/img/buddy/s46/../${id}/${changeOf(ann)}`,
    `${buddy}/picture.svg`,
    `${buddy}/picture.gif/more`,
    `${buddy}/../../secrets`,
    `${buddy}\n`,
  ])("%j", async (path) => {
    const trial = new Trial();
    expect(await trial.ask(path)).toMatchObject(absent);
    expect(trial.asked).toBe(0);
  });

  test("other paths are not mine", async () => {
    for (const path of ["/", "/v1/pictures/x", "/static/img/logo.png"]) {
      await expect(new Trial().ask(path)).rejects.toThrow("not mine");
    }
  });
});

describe("a crowd", () => {
  test("that asks at once, and a moment later, costs the memory one look", async () => {
    const trial = new Trial();
    await Promise.all(Array.from({ length: 50 }, () => trial.ask(native)));
    await trial.clock.advance(recentFor - 1);
    expect((await trial.ask(buddy)).status).toBe(200);
    expect(trial.asked).toBe(1);
  });

  test("is not shown for longer than two seconds what was removed elsewhere, nor at all what was removed here", async () => {
    const trial = new Trial();
    await trial.ask(native);
    trial.stored = undefined;
    expect((await trial.ask(native)).status).toBe(200);
    await trial.clock.advance(recentFor);
    expect((await trial.ask(native)).status).toBe(404);
    trial.stored = ann;
    expect((await trial.ask(native)).status).toBe(200);
    trial.stored = undefined;
    trial.recent.forget(id);
    expect((await trial.ask(native)).status).toBe(404);
  });

  test("that was shown a face a moment ago is shown the next one as soon as it is told where", async () => {
    const trial = new Trial();
    expect((await trial.ask(native)).status).toBe(200);
    const next = gif("next");
    trial.stored = next;
    expect((await trial.ask(native.replace(changeOf(ann), changeOf(next)))).status).toBe(200);
    expect((await trial.ask(native)).status).toBe(404);
  });

  test("with very many faces does not fill this node", async () => {
    const trial = new Trial();
    const large = pictureOf(Buffer.concat([Buffer.from("GIF89a"), Buffer.alloc(250_000)]));
    trial.stored = large;
    for (let i = 0; i < 200; i += 1) {
      const one = parsePictureId(`picture-${i}`.padEnd(20, "-"));
      if (one.ok) await trial.recent.get(one.value, () => true);
    }
    // 67 of them fit: the last are there, the first are asked for again.
    const last = parsePictureId("picture-199---------");
    if (last.ok) await trial.recent.get(last.value, () => true);
    expect(trial.asked).toBe(200);
    const first = parsePictureId("picture-0-----------");
    if (first.ok) await trial.recent.get(first.value, () => true);
    expect(trial.asked).toBe(201);
  });
});

describe("while the memory is out of reach", () => {
  test("whoever asks is told to ask again, and no cache keeps it", async () => {
    const trial = new Trial();
    trial.reachable = false;
    expect(await trial.ask(native)).toMatchObject({
      status: 503,
      headers: { "retry-after": "2", "cache-control": "no-store" },
    });
    trial.reachable = true;
    expect((await trial.ask(native)).status).toBe(200);
  });

  test("the owner's own node serves it all the same", async () => {
    const trial = new Trial();
    trial.reachable = false;
    trial.own = { picture: ann, onItsWay: false };
    expect((await trial.ask(native)).status).toBe(200);
    trial.own = { picture: gif("bob"), onItsWay: false };
    expect((await trial.ask(native)).status).toBe(404);
  });

  test("what the memory was not given yet is served by its owner's node", async () => {
    const trial = new Trial();
    trial.stored = gif("bob");
    trial.own = { picture: ann, onItsWay: true };
    expect((await trial.ask(native)).status).toBe(200);
    expect(trial.asked).toBe(0);
  });
});
