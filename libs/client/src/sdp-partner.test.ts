// The address of a description: written and read back without a trace.
import { expect, test } from "vitest";
import { addressed, readAddress, sessionOf } from "./sdp-partner.ts";

const sdp =
  "v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n";

test("the session of a description is the second word of its origin", () => {
  expect(sessionOf(sdp)).toBe("4611");
  expect(sessionOf("v=0\r\n")).toBeUndefined();
  expect(sessionOf(undefined)).toBeUndefined();
});

test("an address stands before the first media section and is taken out again whole", () => {
  const sent = addressed(sdp, "77");
  expect(sent.indexOf("a=x-heliograph-partner:77\r\n")).toBe(sdp.indexOf("m=audio"));
  expect(readAddress(sent)).toEqual({ partner: "77", sdp });
  expect(readAddress(addressed(sdp, undefined))).toEqual({ sdp });
  expect(readAddress(addressed("v=0\r\n", "77"))).toEqual({ partner: "77", sdp: "v=0\r\n" });
});
