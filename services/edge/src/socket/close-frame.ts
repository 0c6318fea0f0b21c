// Makes of any code and reason what may stand in a close frame (RFC 6455, 5.5.1 and 7.4).

/** Two bytes of the 125 of a control frame are the code. */
const maxReasonBytes = 123;

export interface CloseFrame {
  readonly code: number;
  readonly reason: string;
}

export function closeFrame(code: number, reason: string): CloseFrame {
  return { code: maySend(code) ? code : 1011, reason: cut(reason) };
}

function maySend(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  // 1004 is reserved; 1005 and 1006 say that no code was received.
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

function cut(reason: string): string {
  // Most reasons are short words, and a character is at most three bytes.
  if (reason.length * 3 <= maxReasonBytes) return reason;
  const bytes = Buffer.from(reason);
  if (bytes.length <= maxReasonBytes) return bytes.toString();
  let end = maxReasonBytes;
  // Never in the middle of a character: clients drop a connection whose reason is no UTF-8.
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
