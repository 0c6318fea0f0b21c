// A house of keepers and edges that share sets, for one test: after it nothing is wrong, and nobody left a timer behind.
import { expect, onTestFinished } from "vitest";
import { ScriptedService } from "./scripted-service.ts";
import { SharingHouse } from "./sharing-house.ts";

export async function openSharingHouse(options: Parameters<typeof SharingHouse.open>[0] = {}): Promise<SharingHouse> {
  const house = await SharingHouse.open(options);
  onTestFinished(() => {
    house.close();
    expect(house.faults).toEqual([]);
    expect(house.clock.timers).toBe(0);
  });
  return house;
}

/** The user in the login that the service gives at its nth answer. */
export function userOf(n: number): string {
  return ScriptedService.login(n).username;
}
