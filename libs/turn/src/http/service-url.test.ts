import { expect, test } from "vitest";
import { asking, below, parseServiceUrl } from "./service-url.ts";

const read = (raw: unknown) => {
  const url = parseServiceUrl(raw);
  if (!url.ok) throw new Error(url.detail);
  return url.value;
};

test.each(["https://turn.example.org/api?tenant=7", "https://10.0.0.7/", "https://[2001:db8::1]:8443/x"])(
  "a service may be asked over https: %s",
  (url) => expect(read(url)).toBe(url),
);

test.each(["http://127.0.0.1:9/x", "http://127.8.9.10/", "http://[::1]:1/", "http://2130706433/", "http://127.1/"])(
  "a loopback address that is written as one may be asked without TLS: %s",
  (url) => expect(parseServiceUrl(url)).toMatchObject({ ok: true }),
);

test.each([
  "http://turn.example.org/",
  "http://localhost:8080/",
  "http://127.0.0.1.example.org/",
  "http://10.0.0.7/",
  "http://0.0.0.0/",
  "http://[::ffff:127.0.0.1]/",
  "ftp://turn.example.org/",
  "file:///etc/passwd",
  "turn.example.org",
  "https://user:s3cret@turn.example.org/",
  "https://s3cret@turn.example.org/",
  "https://turn.example.org/#s3cret",
  `https://turn.example.org/${"s3cret".repeat(400)}`,
  "",
  undefined,
  7,
])("what else somebody may write is refused, and not repeated: %s", (raw) => {
  const url = parseServiceUrl(raw);
  expect(url.ok).toBe(false);
  expect(JSON.stringify(url)).not.toContain("s3cret");
});

test("paths and queries go behind what the address has already", () => {
  expect(below(read("https://h.example/base/"), "/api/v1")).toBe("https://h.example/base/api/v1");
  expect(below(read("https://h.example"), "/api/v1", { a: "b&c" })).toBe("https://h.example/api/v1?a=b%26c");
  expect(asking(read("https://h.example/turn?tenant=7"), { service: "turn" })).toBe(
    "https://h.example/turn?tenant=7&service=turn",
  );
});
