// Which peer connection a description comes from and which one it is meant for: a page that reloads keeps its member id.

const attribute = "a=x-heliograph-partner:";

/** RFC 8829 section 5.2.1: `o=<username> <sess-id> …` stays the same for the life of a peer connection. */
export function sessionOf(sdp: string | undefined): string | undefined {
  return sdp === undefined ? undefined : /^o=\S+ (\S+) /m.exec(sdp)?.[1];
}

/** A session-level attribute that others ignore (RFC 8866 section 5.13) names the partner, once there is one. */
export function addressed(sdp: string, partner: string | undefined): string {
  if (partner === undefined) return sdp;
  const media = sdp.search(/^m=/m);
  const at = media < 0 ? sdp.length : media;
  return `${sdp.slice(0, at)}${attribute}${partner}\r\n${sdp.slice(at)}`;
}

/** The partner that was named, and the description as the other browser wrote it. */
export function readAddress(sdp: string | undefined): { readonly partner?: string; readonly sdp?: string } {
  if (sdp === undefined) return {};
  const line = /^a=x-heliograph-partner:(\S+)\r?\n/m.exec(sdp);
  if (line?.[1] === undefined) return { sdp };
  return { partner: line[1], sdp: sdp.slice(0, line.index) + sdp.slice(line.index + line[0].length) };
}
