import { describe, expect, test } from "vitest";
import { ProbedZones } from "../contract/probed-zones.ts";
import type { Place } from "./zone-choice.ts";
import { chooseZone } from "./zone-choice.ts";

const eu = { id: "eu", priority: 10, regions: ["eu-central"] };
const us = { id: "us", priority: 20, regions: ["us-east", "us-west"] };
const near: Place = { region: "us-east", geo: false, failing: () => false };

describe("the zone of a session", () => {
  test("[turn 29] by wish: the node's own region, the smallest priority, or the one that was named", () => {
    expect(chooseZone([eu, us], "auto", near)).toBe(us);
    expect(chooseZone([eu, us], "priority", near)).toBe(eu);
    expect(chooseZone([us, eu], "priority", near)).toBe(eu);
    expect(chooseZone([eu, us], { zone: "us" }, near)).toBe(us);
    expect(chooseZone([eu, us], { zone: "mars" }, near)).toBe(eu);
  });

  test("without a label of the node, or with one that no zone has, goes by priority", () => {
    expect(chooseZone([us, eu], "auto", { ...near, region: undefined })).toBe(eu);
    expect(chooseZone([us, eu], "auto", { ...near, region: "asia" })).toBe(eu);
    expect(chooseZone([{ id: "bare", priority: 1 }, us], "auto", near)).toBe(us);
  });

  test("is left to the geo answer where there is one: until the client names a zone, by priority", () => {
    expect(chooseZone([us, eu], "auto", { ...near, geo: true })).toBe(eu);
    expect(chooseZone([us, eu], "geo", { ...near, geo: true })).toBe(eu);
    expect(chooseZone([us, eu], "geo", near)).toBe(eu);
  });

  test("of equal priority is the first of the list", () => {
    const twin = { id: "twin", priority: 10 };
    expect(chooseZone([twin, eu], "priority", near)).toBe(twin);
    expect(chooseZone([eu, twin], "priority", near)).toBe(eu);
  });

  test("[turn 32] is avoided by auto and priority once its probe has failed three times in a row, and still chosen by hand", () => {
    const probes = new ProbedZones();
    const place: Place = { region: "us-east", geo: false, failing: (zone) => probes.failing("own", zone) };
    const zones = [eu, us];
    probes.note("own", "us", false);
    probes.note("own", "us", false);
    expect(chooseZone(zones, "auto", place)).toBe(us);
    probes.note("own", "us", true);
    probes.note("own", "us", false);
    probes.note("own", "us", false);
    expect(chooseZone(zones, "auto", place)).toBe(us);
    probes.note("own", "us", false);
    expect(chooseZone(zones, "auto", place)).toBe(eu);
    expect(chooseZone(zones, { zone: "us" }, place)).toBe(us);

    for (let i = 0; i < 3; i += 1) probes.note("own", "eu", false);
    // None is healthy: as if nothing were known.
    expect(chooseZone(zones, "priority", place)).toBe(eu);
    expect(chooseZone(zones, "auto", place)).toBe(us);
    probes.note("own", "us", true);
    for (const wish of ["priority", "geo", "auto", { zone: "mars" }] as const) {
      expect(chooseZone(zones, wish, place)).toBe(us);
    }
    expect(chooseZone(zones, { zone: "eu" }, place)).toBe(eu);
  });

  test("is none where there is none", () => {
    expect(chooseZone([], "auto", near)).toBeUndefined();
    expect(chooseZone([], { zone: "eu" }, near)).toBeUndefined();
  });
});
