// Uploads of every kind: what is a picture by its first bytes is kept, everything else is not.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { mostPictureBytes, readBase64, readPicture } from "./read-picture.ts";

const bytesOf = (head: string, length = 64) => Buffer.concat([Buffer.from(head, "latin1"), Buffer.alloc(length)]);
const png = bytesOf("\x89PNG\r\n\x1a\n");
const url = (bytes: Uint8Array | string, mime = "image/png") =>
  `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`;

test.for([
  ["image/png", png],
  ["image/jpeg", bytesOf("\xff\xd8\xff\xe0")],
  ["image/gif", bytesOf("GIF87a")],
  ["image/gif", bytesOf("GIF89a")],
  ["image/webp", bytesOf("RIFF\x10\0\0\0WEBPVP8 ")],
] as const)("%s is known by its first bytes, whatever the data URL claims", ([type, bytes]) => {
  for (const mime of [type, "image/x-unknown", "text/html", "image/svg+xml", ""]) {
    expect(readPicture(url(bytes, mime))).toEqual({
      bytes,
      type,
      digest: createHash("sha256").update(bytes).digest("base64url"),
    });
  }
});

describe("no picture", () => {
  test.for<[string, string]>([
    ["a text", url("hello")],
    ["nothing", url("")],
    [
      "SVG with a script",
      url('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
    ],
    ["SVG that calls itself PNG", url("<svg onload=alert(1)>", "image/png")],
    ["HTML that calls itself PNG", url("<!doctype html><script>alert(1)</script>", "image/png")],
    ["a PDF", url("%PDF-1.7", "image/png")],
    ["a program", url("MZ\x90\0", "image/jpeg")],
    ["BMP", url("BM00000000000000", "image/bmp")],
    ["AVIF", url("\0\0\0\x1cftypavif", "image/avif")],
    ["RIFF of something else", url("RIFF\x10\0\0\0WAVEfmt ", "image/webp")],
    ["half of a signature", url(png.subarray(0, 5))],
    ["a signature that does not stand first", url(Buffer.concat([Buffer.from(" "), png]))],
    ["a compressed picture", url(deflateSync(png))],
    ["a data URL that is not base64", `data:image/png,${png.toString("latin1")}`],
    ["other words where base64 belongs", url(png).replace(";base64,", ";base32,")],
    ["letters that are not of base64", `${url(png).slice(0, -4)}!!!!`],
    ["the other alphabet", url(png).replace(/[+/]/g, "-").replace("iVBOR", "iVB-R")],
    ["padding inside", url(png).replace("iVBORw0K", "iVB=Rw0K")],
    ["a length that base64 never has", url(png).slice(0, -1)],
    ["spaces", url(png).replace("iVBO", "iVBO    ")],
    ["no comma", "data:image/png;base64"],
    ["no data", "data:image/png;base64,"],
    ["an address", "https://example.org/a.png"],
    ["a name of megabytes", `data:${"x".repeat(1 << 20)};base64,${png.toString("base64")}`],
  ])("[spreed 60] %s is dropped, whatever it calls itself", ([, text]) => {
    expect(readPicture(text)).toBeUndefined();
  });
});

describe("sizes", () => {
  test("the largest is one, and a byte more is none", () => {
    const largest = bytesOf("GIF89a", mostPictureBytes - 6);
    expect(readPicture(url(largest))?.bytes.length).toBe(mostPictureBytes);
    expect(readPicture(url(Buffer.concat([largest, Buffer.alloc(1)])))).toBeUndefined();
  });

  test("ten megabytes are turned away before anything is decoded", () => {
    const letters = `${png.toString("base64").slice(0, 8)}${"A".repeat(10 << 20)}`;
    const { arrayBuffers } = process.memoryUsage();
    for (let i = 0; i < 20; i += 1) expect(readBase64(letters)).toBeUndefined();
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(1 << 20);
  });
});

test("a picture that is something else as well is a picture of its one type", () => {
  const polyglots = [
    Buffer.concat([bytesOf("GIF89a", 0), Buffer.from("/*"), Buffer.alloc(9), Buffer.from("*/=1;alert(1)")]),
    Buffer.concat([bytesOf("GIF89a", 0), Buffer.from("<script>alert(1)</script>")]),
  ];
  for (const polyglot of polyglots) expect(readPicture(url(polyglot, "text/html"))?.type).toBe("image/gif");
});
