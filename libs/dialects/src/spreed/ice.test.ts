import type { IceGrant } from "@heliograph/protocol";
import { describe, expect, test } from "vitest";
import { writeStun, writeTurn, writeTurnUpdate } from "./ice.ts";

const stun = { urls: ["stun:eu.turn.example.org:3478"] };
const eu = { id: "eu", priority: 10, label: "Europe", labels: { de: "Europa" }, urls: ["turn:eu.turn.example.org"] };
const us = { id: "us", priority: 20, urls: ["turn:us.turn.example.org"] };
const login = { username: "1790003600:tag", credential: "b64=" };
const full: IceGrant = {
  iceServers: [{ urls: ["turn:us.turn.example.org"], ...login }, stun],
  ttl: 3600,
  expiry: "admission",
  degraded: false,
  zone: "us",
  zones: [eu, us],
  geo: "https://turn.example.org/api/v1/turn/geo",
};
const stunOnly: IceGrant = { iceServers: [stun], ttl: 60, expiry: "never", degraded: true };

describe("Turn", () => {
  test("[turn 37] of a session that was given STUN only is an object without a login, to be asked for again after 300 s", () => {
    expect(writeTurn(stunOnly)).toEqual({ username: "", password: "", ttl: 300 });
    expect(writeStun(stunOnly)).toEqual(["stun:eu.turn.example.org:3478"]);
  });

  test("[turn 37] is told again by a TurnUpdate once there are credentials", () => {
    expect(writeTurnUpdate(full)).toEqual({ Type: "TurnUpdate", Turn: writeTurn(full) });
    expect(writeTurn(full)).toMatchObject({ username: "1790003600:tag", password: "b64=", ttl: 3600 });
  });

  test("has the zones by their numbers, and the URLs of the lowest for clients that know no zones", () => {
    expect(writeTurn(full)).toEqual({
      username: "1790003600:tag",
      password: "b64=",
      ttl: 3600,
      urls: eu.urls,
      servers: [
        { id: "eu", prio: 10, label: "Europe", i18n: { de: "Europa" }, urns: eu.urls },
        { id: "us", prio: 20, urns: us.urls },
      ],
      geo_uri: "https://turn.example.org/api/v1/turn/geo",
    });
    const { zones: _zones, geo: _geo, ...one } = full;
    expect(writeTurn(one)).toEqual({ ...loginOfIt(), ttl: 3600, urls: ["turn:us.turn.example.org"] });
  });

  test("of a cluster without TURN is never asked for again", () => {
    expect(writeTurn({ iceServers: [], ttl: 0, expiry: "never", degraded: false })).toEqual({
      username: "",
      password: "",
      ttl: 0,
    });
  });
});

function loginOfIt() {
  return { username: login.username, password: login.credential };
}
