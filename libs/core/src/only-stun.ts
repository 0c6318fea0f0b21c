// What is left of ICE servers for someone who may have no credential now.
import type { IceGrant, IceServer } from "@heliograph/protocol";

/** Seconds after which whoever has STUN only may look again. */
const lookAgain = 60;

/** Such a grant says no zones and no geo call: both are about TURN. */
export function onlyStun(iceServers: readonly IceServer[]): IceGrant {
  return { iceServers: withoutLogin(iceServers), ttl: lookAgain, expiry: "never", degraded: true };
}

/** A TURN server over UDP answers STUN without a login (RFC 8656 section 2), so it serves where no STUN server is named. */
function withoutLogin(iceServers: readonly IceServer[]): readonly IceServer[] {
  const stun = iceServers.filter(({ credential }) => credential === undefined);
  if (stun.length > 0) return stun;
  for (const { urls } of iceServers) {
    const [url] = urls.filter((each) => /^turn:[^?]+(\?transport=udp)?$/.test(each));
    if (url !== undefined) return [{ urls: [url.replace(/^turn:/, "stun:").replace(/\?.*$/, "")] }];
  }
  return [];
}
