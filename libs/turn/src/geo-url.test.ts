import { describe, expect, test } from "vitest";
import { readGeoUrl } from "./geo-url.ts";

const own = ["turn.example.org"];

describe("where a client may ask which zone is near", () => {
  test("[turn 30] on the provider's own host or one that the operator named, by https", () => {
    const url = "https://turn.example.org/api/v1/turn/geo";
    expect(readGeoUrl(url, own)).toBe(url);
    expect(readGeoUrl("https://TURN.example.org:8443/geo?x=1", own)).toBe("https://turn.example.org:8443/geo?x=1");
    expect(readGeoUrl("https://geo.example.net/", [...own, "Geo.Example.net"])).toBe("https://geo.example.net/");
  });

  test.each([
    ["https://geo.example.net/"],
    ["https://sub.turn.example.org/"],
    ["https://turn.example.org.evil.example/"],
    ["https://turn.example.org@evil.example/"],
    ["https://user:word@turn.example.org/"],
    ["http://turn.example.org/"],
    ["http://127.0.0.1:8080/geo"],
    ["ftp://turn.example.org/"],
    ["javascript:alert(1)"],
    ["//turn.example.org/geo"],
    ["/geo"],
    [`https://turn.example.org/${"a".repeat(1_024)}`],
    [""],
    [7],
    [undefined],
    [{ href: "https://turn.example.org/" }],
  ])("[turn 30] %j is left out", (raw) => {
    expect(readGeoUrl(raw, own)).toBeUndefined();
  });

  test("a provider on this machine, as tests have it, may speak for this machine", () => {
    expect(readGeoUrl("http://127.0.0.1:8080/geo", ["127.0.0.1"])).toBe("http://127.0.0.1:8080/geo");
    expect(readGeoUrl("http://[::1]/geo", ["[::1]"])).toBe("http://[::1]/geo");
    expect(readGeoUrl("http://localhost/geo", ["localhost"])).toBeUndefined();
  });
});
