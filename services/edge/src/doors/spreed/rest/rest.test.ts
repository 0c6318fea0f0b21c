import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { headerOf, jsonOf, textOf } from "../../../../contract/paper-request.ts";
import { bySharedSecret, PaperRest } from "../../../../contract/spreed-rest.ts";
import type { Statistics } from "./statistics.ts";

const get = (path: string, headers: Readonly<Record<string, string>> = {}) => ({ method: "GET", path, headers });
const post = (path: string, headers: Readonly<Record<string, string>> = {}) => ({ method: "POST", path, headers });

describe("config", () => {
  test("is indented JSON with every name that integrations look for, and no login of TURN", async () => {
    const answer = await new PaperRest(bySharedSecret).ask(get("/api/v1/config"));
    expect(answer.status).toBe(200);
    expect(headerOf(answer, "content-type")).toBe("application/json; charset=utf-8");
    expect(textOf(answer)).toMatch(/^\{\n {2}"Title": "Tea house",\n/);
    expect(jsonOf(answer)).toEqual({
      Title: "Tea house",
      S: "static/ver=0297",
      B: "/spreed/",
      Token: "public",
      Renegotiation: false,
      StunURIs: ["stun:stun.example:3478"],
      TurnURIs: ["turn:turn.example:3478"],
      TurnUsername: "",
      TurnPassword: "",
      Tokens: false,
      Version: "0.29.7",
      UsersEnabled: true,
      UsersAllowRegistration: true,
      UsersMode: "sharedsecret",
      DefaultRoomEnabled: true,
      Plugin: "",
      AuthorizeRoomCreation: false,
      AuthorizeRoomJoin: false,
      Modules: ["contacts"],
      RoomNameCaseSensitive: false,
      LockedRoomJoinableWithPIN: true,
    });
  });

  test("says that there are no users where there are none", async () => {
    const answer = await new PaperRest(undefined).ask(get("/api/v1/config"));
    expect(jsonOf(answer)).toMatchObject({ UsersEnabled: false, UsersMode: "" });
  });
});

describe("rooms", () => {
  test("[spreed 64] are names of 11 letters in lower case, each another one, and only to be asked for by POST", async () => {
    const rest = new PaperRest(undefined);
    const names = new Set<unknown>();
    for (let at = 0; at < 50; at += 1) {
      const answer = await rest.ask(post("/api/v1/rooms"));
      const { name, ...others } = jsonOf(answer);
      expect(answer.status).toBe(200);
      expect(name).toMatch(/^[0-9a-z]{11}$/);
      expect(others).toEqual({ url: `/${name}` });
      names.add(name);
    }
    expect(names.size).toBe(50);
    const wrong = await rest.ask(get("/api/v1/rooms"));
    expect([wrong.status, wrong.body.length, headerOf(wrong, "allow")]).toEqual([405, 0, "POST"]);
  });
});

describe("stats", () => {
  const source: Statistics = {
    numbers: () => ({ rooms: 2, sessions: 5, users: 1, count: 812, roomChats: 10, privateChats: 3 }),
  };

  test("are the numbers of whoever counts, for any page, and no list of sessions", async () => {
    const rest = new PaperRest(undefined, { statistics: source });
    const answer = await rest.ask({ ...get("/api/v1/stats"), query: "details=1" });
    expect(headerOf(answer, "access-control-allow-origin")).toBe("*");
    expect(jsonOf(answer)["hub"]).toEqual({
      rooms: 2,
      connections: 5,
      sessions: 5,
      users: 1,
      count: 812,
      broadcastchatmessages: 10,
      unicastchatmessages: 3,
    });
    const { runtime } = jsonOf(answer);
    expect(Object.keys(runtime ?? {}).sort()).toEqual([
      "alloc",
      "frees",
      "goroutines",
      "heap",
      "mallocs",
      "pauses",
      "stack",
    ]);
  });

  test("are not served where they are off", async () => {
    expect((await new PaperRest(undefined).ask(get("/api/v1/stats"))).status).toBe(404);
  });
});

describe("discovery", () => {
  const at = async (headers: Readonly<Record<string, string>>, tls = false, trustForwarded = 0) => {
    const rest = new PaperRest(undefined, { outside: { tls, trustForwarded, basePath: "/a/spreed/" } });
    const answer = await rest.ask(get("/.well-known/spreed-configuration", headers));
    return answer.status === 200 ? jsonOf(answer)["spreed-webrtc_endpoint"] : answer.status;
  };

  test("names the address as the client sees it", async () => {
    expect(await at({ host: "tea.example:8443" }, true)).toBe("https://tea.example:8443/a/spreed");
    expect(await at({ host: "[::1]:8080" })).toBe("http://[::1]:8080/a/spreed");
  });

  test("believes proxies of ours, and nobody else, about TLS", async () => {
    const headers = { host: "tea.example", "x-forwarded-proto": "https" };
    expect(await at(headers, false, 1)).toBe("https://tea.example/a/spreed");
    expect(await at({ ...headers, "x-forwarded-proto": "https, http" }, false, 1)).toBe("http://tea.example/a/spreed");
    expect(await at(headers, false, 2)).toBe("https://tea.example/a/spreed");
    expect(await at(headers)).toBe("http://tea.example/a/spreed");
    expect(await at({ host: "tea.example" }, true, 1)).toBe("https://tea.example/a/spreed");
  });

  test.for(["", "user@tea.example", "tea.example/x", 'tea.example"', "tea example", "x:port"])(
    "has no answer to %j",
    async (host) => {
      expect(await at({ host })).toBe(400);
    },
  );
});

describe("what is not there", () => {
  test.for([
    "/api",
    "/api/",
    "/api/v1",
    "/api/v1/",
    "/api/v2/config",
    "/api/v1/xyz",
    "/api/v1/config/",
    "/api/v1/pipelines/x",
  ])("%s is 404 and no page, by any method", async (path) => {
    const rest = new PaperRest(bySharedSecret);
    for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
      const answer = await rest.ask({ method, path });
      expect([answer.status, textOf(answer)]).toEqual([404, "404 page not found\n"]);
    }
  });

  test("is somebody else's where it is outside the API", async () => {
    const rest = new PaperRest(undefined);
    expect(textOf(await rest.ask(get("/apis/v1/config")))).toContain("Nothing is served");
  });

  test("are logins and registration where there are no users", async () => {
    const rest = new PaperRest(undefined);
    expect((await rest.ask({ method: "PATCH", path: "/api/v1/sessions/x/" })).status).toBe(404);
    expect((await rest.ask(post("/api/v1/users"))).status).toBe(404);
  });
});

test.for([
  ["POST", "/api/v1/config", "GET, HEAD"],
  ["POST", "/.well-known/spreed-configuration", "GET, HEAD"],
  ["GET", "/api/v1/tokens", "POST"],
  ["GET", "/api/v1/users", "POST"],
  ["POST", "/api/v1/sessions/x/", "PATCH"],
  ["OPTIONS", "/api/v1/sessions/x/", "PATCH"],
])("%s %s is 405 without a body", async ([method = "", path = "", allow = ""]) => {
  const answer = await new PaperRest(bySharedSecret).ask({ method, path });
  expect([answer.status, answer.body.length, headerOf(answer, "allow")]).toEqual([405, 0, allow]);
});

describe("a foreign page", () => {
  const changes = [
    ["POST", "/api/v1/rooms"],
    ["POST", "/api/v1/tokens"],
    ["POST", "/api/v1/users"],
    ["PATCH", "/api/v1/sessions/x/"],
  ] as const;

  test.for(changes)("may not %s %s", async ([method, path]) => {
    const rest = new PaperRest(bySharedSecret);
    const answer = await rest.ask({ method, path, headers: { origin: "https://evil.example", host: "here.example" } });
    expect([answer.status, jsonOf(answer)["code"]]).toEqual([403, "foreign_origin"]);
    expect(rest.refusals).toEqual(["origin foreign"]);
    expect(textOf(answer)).not.toContain("evil");
  });

  test("is not one of ours, one that is listed, or a program", async () => {
    const rest = new PaperRest(undefined);
    for (const headers of [
      {},
      { origin: "https://tea.example", host: "x" },
      { origin: "https://here.example", host: "here.example" },
    ]) {
      expect((await rest.ask(post("/api/v1/rooms", headers))).status).toBe(200);
    }
  });

  test("may read what anybody may", async () => {
    const headers = { origin: "https://evil.example", host: "here.example" };
    expect((await new PaperRest(undefined).ask(get("/api/v1/config", headers))).status).toBe(200);
  });
});

test("whatever is asked, nothing is thrown and nothing but what was asked for is answered", async () => {
  const rest = new PaperRest(bySharedSecret);
  const word = fc.constantFrom(
    "api",
    "v1",
    "sessions",
    "users",
    "tokens",
    "rooms",
    "stats",
    "%",
    "%00",
    "..",
    "",
    "x",
    "__proto__",
  );
  const paper = fc.record({
    method: fc.constantFrom("GET", "POST", "PATCH", "PUT"),
    path: fc.array(word, { maxLength: 6 }).map((words) => `/${words.join("/")}`),
    headers: fc.record({
      "content-type": fc.constantFrom("application/json", "application/x-www-form-urlencoded", "a/b", ""),
    }),
    body: fc.uint8Array({ maxLength: 60 }),
  });
  await fc.assert(
    fc.asyncProperty(paper, async (asked) => {
      const { status } = await rest.ask(asked);
      expect([200, 400, 403, 404, 405]).toContain(status);
    }),
    { numRuns: 400 },
  );
  expect(rest.faults).toEqual([]);
  expect(rest.asked).toEqual([]);
});
