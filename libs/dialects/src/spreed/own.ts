// What a Spreed session says of itself beyond name, message and picture: the opaque part of its profile.
import { Fields } from "./fields.ts";

/** Goes into `Profile.own`, encoded; keys as on the wire. */
export interface Own {
  readonly Ua: string;
  /** Raised by each Hello, Status and login of a connection. */
  readonly Rev: number;
  /** Empty: not logged in. */
  readonly Userid: string;
  /** Of any shape; null: none. */
  readonly Status: unknown;
}

export const nothingOwn: Own = { Ua: "", Rev: 0, Userid: "", Status: null };

/** Undefined: not of this dialect. */
export function readOwn(value: unknown): Own | undefined {
  const fields = Fields.of(value, "own");
  if (fields === undefined) return undefined;
  const own = {
    Ua: fields.text("Ua"),
    Rev: fields.count("Rev"),
    Userid: fields.text("Userid"),
    Status: fields.any("Status"),
  };
  return fields.fault === undefined ? own : undefined;
}

/** After a Hello, though the join may be refused. */
export function withUa(own: Own, ua: string): Own {
  return { ...own, Ua: ua, Rev: own.Rev + 1 };
}

/** After a Status, which replaces the former one as a whole. */
export function withStatus(own: Own, status: unknown): Own {
  return { ...own, Status: status ?? null, Rev: own.Rev + 1 };
}

/** After a login. */
export function withUserid(own: Own, userid: string): Own {
  return { ...own, Userid: userid, Rev: own.Rev + 1 };
}
