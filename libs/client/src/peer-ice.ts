// What one peer connection does about its ICE grant: takes a new one, restarts before its relay ends, hears TURN servers refuse.
import type { HeldIce, IceSource } from "./ice.ts";
import type { Clock } from "./surroundings.ts";

/** A relay that ends with its login is replaced when this part of the login's life has passed, not before. */
const replaceAt = 0.8;
/**
 * Both sides of a call may lose their logins at once. The one that would give way lets the other go first:
 * answering that restart gathers anew here as well. An offer that is taken back before anything came about has left Chromium
 * with a picture that decodes and is not shown (seen in one of three such calls on busy cores).
 */
const courtesy = 2_000;
/** Errors of one gathering come one by one; they are told together. */
const together = 2_000;

/** What a TURN server answered instead of a relay. */
export interface TurnError {
  /** A STUN error code (RFC 8489 section 14.8): 401 wrong login, 486 too many relays of this user, 508 no room; 701: not reached. */
  readonly code: number;
  readonly url: string;
  readonly text: string;
}

export interface PeerIceParts {
  readonly source: IceSource;
  readonly clock: Clock;
  readonly connection: RTCPeerConnection;
  /** Of two that offer at once this one gives way. */
  readonly polite: boolean;
  /** Whether the selected path goes through our own relay now. */
  readonly relayed: () => Promise<boolean>;
  readonly restart: () => void;
  /** Codes since the last report, each once. */
  readonly report: () => void;
  readonly told: (error: TurnError) => void;
  readonly failed: (error: unknown, where: string) => void;
}

export class PeerIce {
  readonly #parts: PeerIceParts;
  /** With what the candidates of now were gathered. */
  #under: HeldIce;
  #fragment: string | undefined;
  /** The login whose refusal is being seen to, or was. */
  #refused: string | undefined;
  /** Codes of this gathering that were told. */
  readonly #known = new Set<number>();
  #codes = new Set<number>();
  #stopReplace: (() => void) | undefined;
  #stopReport: (() => void) | undefined;
  #stopCourtesy: (() => void) | undefined;

  constructor(parts: PeerIceParts) {
    this.#parts = parts;
    this.#under = parts.source.held;
    parts.connection.onicecandidateerror = (event) => this.#heard(event);
  }

  /** Before a description is set, which may begin a gathering: with a grant that serves for a while. */
  async ready(): Promise<HeldIce> {
    // Taken into the configuration when it came, as any other.
    await this.#parts.source.fresh();
    return this.#parts.source.held;
  }

  /** A local description was set. Another username fragment is another gathering, whoever wanted it. */
  described(sdp: string, held: HeldIce): void {
    const fragment = /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1];
    if (fragment === undefined || fragment === this.#fragment) return;
    this.#fragment = fragment;
    this.#under = held;
    this.#known.clear();
    this.renewed();
  }

  /** Takes the servers of now. Nothing changes on the wire: relays go on under the login they were made with. */
  configure(): void {
    const { connection, source, failed } = this.#parts;
    try {
      connection.setConfiguration({ ...connection.getConfiguration(), iceServers: source.held.servers });
    } catch (error) {
      failed(error, "ice servers");
    }
    this.renewed();
  }

  /** Sees to it that a relay which would end with its login is replaced, once there is another login. */
  renewed(): void {
    this.#stopReplace?.();
    const { clock, source } = this.#parts;
    const { expiry, life, login, since } = this.#under;
    const another = source.held.login;
    if (expiry !== "hard" || login === undefined || another === undefined || another === login) return;
    const due = since + life * replaceAt - clock.now();
    if (due < Number.POSITIVE_INFINITY) this.#stopReplace = clock.after(Math.max(0, due), () => void this.#replace());
  }

  /** What is to be reported, which then counts as reported. */
  takeCodes(): number[] {
    const codes = [...this.#codes];
    this.#codes = new Set();
    this.#stopReport?.();
    this.#stopReport = undefined;
    return codes;
  }

  stop(): void {
    // Of a connection that gives way to another as well: what it met counts.
    if (this.#codes.size > 0) this.#parts.report();
    this.#parts.connection.onicecandidateerror = null;
    this.#stopReplace?.();
    this.#stopReport?.();
    this.#stopCourtesy?.();
  }

  async #replace(): Promise<void> {
    const under = this.#under;
    const relayed = await this.#parts.relayed();
    if (relayed && under === this.#under) this.#restartUnless(under.login);
  }

  #heard({ errorCode: code, errorText: text, url }: RTCPeerConnectionIceErrorEvent): void {
    if (!this.#ours(url)) return;
    this.#codes.add(code);
    this.#stopReport ??= this.#parts.clock.after(together, () => this.#parts.report());
    if (code === 401) void this.#login({ code, text, url });
    else this.#tell({ code, text, url });
  }

  /** Another login is asked for once. The other codes are nobody's login: asking again would only be refused again. */
  async #login(error: TurnError): Promise<void> {
    const { login } = this.#under;
    if (login === undefined || login === this.#refused) return;
    this.#refused = login;
    const mended = await this.#parts.source.refused(login);
    if (this.#under.login !== login) return;
    if (mended) this.#restartUnless(login);
    else this.#tell(error);
  }

  /** Not where the other side has restarted meanwhile: then the candidates are of another login already. */
  #restartUnless(login: string | undefined): void {
    const { clock, polite, restart } = this.#parts;
    if (!polite) return restart();
    this.#stopCourtesy?.();
    this.#stopCourtesy = clock.after(courtesy, () => {
      if (this.#under.login === login) restart();
    });
  }

  #tell(error: TurnError): void {
    if (this.#known.has(error.code)) return;
    this.#known.add(error.code);
    this.#parts.told(error);
  }

  #ours(url: string): boolean {
    const host = hostOf(url);
    const servers = [...this.#under.servers, ...this.#parts.source.held.servers];
    return host !== undefined && servers.some(({ urls }) => [urls].flat().some((each) => hostOf(each) === host));
  }
}

/** Of a TURN address (RFC 7065); undefined: it is none. */
function hostOf(url: string): string | undefined {
  return /^turns?:(\[[^\]]*\]|[^:?]+)/i.exec(url)?.[1]?.toLowerCase();
}
