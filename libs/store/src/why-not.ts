// Why there is no connection, in words that say what to change where trying again would not help.
import { Refusal } from "./client.ts";
import { bare, meaningOf } from "./errors.ts";
import type { StoreOptions } from "./options.ts";

/** The most telling of several errors, as a refusal where asking again would not help. */
export function whyNot(said: readonly unknown[], options: StoreOptions): unknown {
  const errors = said.map(bare);
  for (const error of errors) {
    const words = error instanceof Error ? error.message : "";
    if (error instanceof Refusal) return error;
    if (meaningOf(error) === "refused" || /WRONGPASS|NOAUTH|NOPERM/.test(words)) return refusalOf(error, options);
    if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(codeOf(error))) {
      return new Refusal(
        `the server's certificate is not believed: name who signed it in redis.tls.caFile (${words})`,
        {
          cause: error,
        },
      );
    }
    if (/got an invalid reply: null|No such master/.test(words)) {
      return new Refusal(
        `no Sentinel knows a primary named "${options.sentinelName}": set redis.sentinelName to the name in their files`,
        { cause: error },
      );
    }
    if (/unknown command .?sentinel/i.test(words)) {
      return new Refusal("redis.nodes names servers that are no Sentinels: set redis.mode, or name the Sentinels", {
        cause: error,
      });
    }
    if (/cluster support disabled/.test(words)) {
      return new Refusal("the server is no member of a Cluster: set redis.mode to single or sentinel", {
        cause: error,
      });
    }
  }
  return errors[0];
}

function refusalOf(error: unknown, { username }: StoreOptions): Refusal {
  const words = error instanceof Error ? error.message : String(error);
  const who = username === undefined ? "the default user" : `the user "${username}"`;
  if (/NOPERM|ACL failure|The user executing the script/.test(words)) {
    return new Refusal(
      `${who} of Redis may not do what is needed: give it what \`heliograph redis permissions\` prints (${words})`,
      { cause: error },
    );
  }
  return new Refusal(`Redis does not let ${who} in: check redis.username and redis.password (${words})`, {
    cause: error,
  });
}

/** As Node names what went wrong on a socket. */
function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
