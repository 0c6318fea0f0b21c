import { describe, expect, test } from "vitest";
import { OriginPolicy } from "./origin-policy.ts";

describe("the list of origins", () => {
  const policy = new OriginPolicy(
    ["https://App.Example/", "http://[2001:DB8::1]:8080", "https://x.example:443"],
    false,
  );

  test.for<[string, boolean]>([
    ["https://app.example", true],
    ["HTTPS://APP.EXAMPLE", true],
    ["https://app.example:443", true],
    ["https://app.example:8443", false],
    ["http://app.example", false],
    ["https://x.example", true],
    ["http://[2001:db8::1]:8080", true],
    ["http://[2001:db8:0::1]:8080", true],
    ["http://[2001:db8::1]", false],
    ["https://app.example.evil.example", false],
    ["https://evil.example/https://app.example", false],
    ["https://app.example@evil.example", false],
    ["null", false],
    ["", false],
    ["*", false],
  ])("lets %s in: %s", ([origin, allowed]) => {
    expect(policy.refusal(origin, "app.example") === undefined).toBe(allowed);
  });

  test("does not concern programs, which send none", () => {
    expect(policy.refusal(undefined, "app.example")).toBeUndefined();
  });

  test("with a star lets everything in, even what has no origin", () => {
    const any = new OriginPolicy(["*"], false);
    for (const origin of ["https://anywhere.example", "null", "file://", ""]) {
      expect(any.refusal(origin, undefined)).toBeUndefined();
    }
  });

  test("may hold the schemes of extensions, and only those that it names", () => {
    const extension = new OriginPolicy(["moz-extension://2c127fa4"], false);
    expect(extension.refusal("moz-extension://2c127fa4", undefined)).toBeUndefined();
    expect(extension.refusal("moz-extension://other", undefined)).toBeDefined();
    expect(extension.refusal("null", undefined)).toBeDefined();
  });
});

describe("a page that this server served", () => {
  const policy = new OriginPolicy([], true);

  test.for<[string, string | undefined, boolean]>([
    ["http://localhost:8080", "localhost:8080", true],
    ["http://LOCALHOST:8080", "LocalHost:8080", true],
    ["http://localhost:8081", "localhost:8080", false],
    ["http://[::1]:8080", "[::1]:8080", true],
    ["http://app.example", "app.example:80", true],
    ["https://app.example", "app.example:443", true],
    ["https://app.example", "app.example", true],
    ["https://app.example", "app.example:80", false],
    ["https://evil.example", "app.example", false],
    ["https://evil.example", "user@evil.example", false],
    ["https://evil.example", "evil.example/app", false],
    ["http://localhost:8080", undefined, false],
    ["null", "null", false],
    ["file://", "", false],
    ["ftp://app.example", "app.example", false],
  ])("%s on the host %s: %s", ([origin, host, allowed]) => {
    expect(policy.refusal(origin, host) === undefined).toBe(allowed);
  });
});

test("a refusal says what to do, and gives nothing back that could be more than text", () => {
  const policy = new OriginPolicy([], false);
  expect(policy.refusal("https://app.example", undefined)).toMatch(
    /^Pages from https:\/\/app\.example may not.*\n.*HELIOGRAPH_ORIGINS/,
  );
  expect(policy.refusal(`https://${"x".repeat(10_000)}`, undefined)?.length).toBeLessThan(400);
  expect(policy.refusal("https://é \u0007", undefined)).not.toContain("\u0007");
});

test.for<[string, boolean]>([
  ["localhost:8080", true],
  ["127.0.0.1:8080", true],
  ["[::1]:8080", true],
  ["rebound.evil.example:8080", false],
  ["localhost.evil.example:8080", false],
  ["192.168.1.7:8080", false],
])("on this machine only, a page at %s is our own: %s", ([host, allowed]) => {
  expect(new OriginPolicy([], "loopback").refusal(`http://${host}`, host) === undefined).toBe(allowed);
});
