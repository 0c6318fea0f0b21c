// Which slot of a Redis Cluster a key belongs to, as the Cluster specification defines it.

export const slotCount = 16_384;

/** CRC16 (XMODEM: polynomial 0x1021, from 0) of the hash tag, or of the whole key without one. ASCII only. */
export function slotOf(key: string): number {
  let crc = 0;
  for (const character of tagOf(key)) {
    crc ^= character.charCodeAt(0) << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = ((crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021) & 0xffff;
  }
  return crc % slotCount;
}

function tagOf(key: string): string {
  const open = key.indexOf("{");
  const close = key.indexOf("}", open + 1);
  return open < 0 || close <= open + 1 ? key : key.slice(open + 1, close);
}
