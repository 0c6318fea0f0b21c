// Where Redis is and who we are there.

export interface StoreAddress {
  readonly host: string;
  readonly port: number;
}

export interface StoreTls {
  /** Files in PEM, read anew for each connection, so that renewed ones need no restart. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
}

export interface StoreOptions {
  readonly mode: "single" | "sentinel" | "cluster";
  /** The server; or the Sentinels; or some servers of a Cluster, which name the others. */
  readonly nodes: readonly StoreAddress[];
  /** As the Sentinels call the primary. */
  readonly sentinelName?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
  readonly username?: string;
  readonly password?: string;
  /** Of a single server or a primary; a Cluster has none but 0. */
  readonly database?: number;
  /** Speaks TLS with the servers, and with the Sentinels. */
  readonly tls?: StoreTls;
}
