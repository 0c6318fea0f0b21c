import type { LookupAddress } from "node:dns";
import { expect, test } from "vitest";
import { isPublic, notPublic, publicLookup } from "./public-lookup.ts";

test.each([
  "0.0.0.0",
  "10.255.255.255",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.0.9",
  "169.254.169.254",
  "172.16.0.1",
  "172.31.255.255",
  "192.168.1.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:a9fe:a9fe",
  "::10.0.0.1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "2001::1",
  "2002:7f00:1::",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "fec0::1",
  "ff02::1",
])("%s is not public", (address) => expect(isPublic(address)).toBe(false));

test.each([
  "8.8.8.8",
  "100.63.255.255",
  "100.128.0.0",
  "172.15.0.1",
  "172.32.0.1",
  "192.169.0.1",
  "198.20.0.1",
  "223.255.255.255",
  "2606:4700::1",
  "64:ff9b::808:808",
  "::ffff:8.8.8.8",
])("%s is public", (address) => expect(isPublic(address)).toBe(true));

const asked = (resolved: readonly LookupAddress[] | Error, all: boolean) =>
  new Promise((resolve) => {
    const find = publicLookup(async () => {
      if (resolved instanceof Error) throw resolved;
      return resolved;
    });
    find("service.example", { all }, (error, addresses, family) => {
      resolve(error === null ? (all ? addresses : { address: addresses, family }) : error);
    });
  });

const outside = { address: "8.8.8.8", family: 4 };
const inside = { address: "10.0.0.1", family: 4 };

test("a name of public addresses is connected to by exactly these", async () => {
  expect(await asked([outside, { address: "2606:4700::1", family: 6 }], true)).toEqual([
    outside,
    { address: "2606:4700::1", family: 6 },
  ]);
  expect(await asked([outside], false)).toEqual(outside);
});

test.each([
  ["inside alone", [inside]],
  ["inside beside outside, which is what rebinding looks like", [outside, inside]],
  ["outside mapped and inside", [{ address: "::ffff:169.254.169.254", family: 6 }, outside]],
  ["nowhere", []],
])("a name that leads %s is not connected to", async (_, addresses) => {
  for (const all of [true, false]) expect(await asked(addresses, all)).toMatchObject({ code: notPublic });
});

test("a name that is not resolved stays the resolver's failure", async () => {
  const failure = Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
  expect(await asked(failure, true)).toBe(failure);
});
