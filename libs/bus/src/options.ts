// What a bus is told about its servers and streams.

export interface BusOptions {
  /** `nats://host:port` or `tls://host:port`; a name with several addresses stands for all of them. */
  readonly servers: readonly string[];
  /** Shown by the servers beside the connection. */
  readonly name: string;
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
  readonly nkeySeed?: string;
  readonly credsFile?: string;
  readonly tls?: { readonly caFile?: string; readonly certFile?: string; readonly keyFile?: string };
  /** Streams that rooms are spread over; fixed for the life of a deployment. */
  readonly shards: number;
  readonly replicas: number;
  /** Milliseconds that entries are kept: 2.5 times the resume window. */
  readonly maxAge: number;
  /** Bytes that one stream may hold; beyond them the oldest entries go early. */
  readonly maxBytes: number;
  readonly storage: "file" | "memory";
  /** Bytes of the largest frame that any door lets in. */
  readonly largestFrame: number;
}
