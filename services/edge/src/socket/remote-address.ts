// The address of a client as one text, whichever way the listener learnt it.

/** 4 or 16 bytes in network order; anything else, as from a socket already gone, gives "". */
export function addressOfBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) return "";
  if (isMappedIpv4(bytes)) return bytes.subarray(12).join(".");
  const groups: number[] = [];
  for (let at = 0; at < 16; at += 2) groups.push(((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0));
  return compressed(groups);
}

/** What Node tells of a socket's peer. */
export function addressOfText(address: string | undefined): string {
  if (address === undefined) return "";
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? withoutZone(address);
}

/** A zone (`fe80::1%eth0`) names this machine's interface, and one client would have two names with it. */
function withoutZone(address: string): string {
  const zone = address.indexOf("%");
  return zone < 0 ? address : address.slice(0, zone);
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  return bytes[10] === 0xff && bytes[11] === 0xff && bytes.subarray(0, 10).every((byte) => byte === 0);
}

/** RFC 5952, section 4: the first longest run of two or more zero groups becomes `::`. */
function compressed(groups: readonly number[]): string {
  let bestStart = 0;
  let bestLength = 1;
  let start = 0;
  for (const [at, group] of groups.entries()) {
    if (group !== 0) start = at + 1;
    else if (at + 1 - start > bestLength) {
      bestStart = start;
      bestLength = at + 1 - start;
    }
  }
  const written = (part: readonly number[]) => part.map((group) => group.toString(16)).join(":");
  if (bestLength < 2) return written(groups);
  return `${written(groups.slice(0, bestStart))}::${written(groups.slice(bestStart + bestLength))}`;
}
