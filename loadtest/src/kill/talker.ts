// A session in a conversation through which servers are killed, whatever the servers are.

export interface Talker {
  readonly name: string;
  readonly room: string;
  /** Which server it is connected to, or was when it died. */
  readonly server: number;
  /** What became of its session, each time it came back after its connection was lost. */
  readonly returns: readonly ("recovered" | "lost")[];
  /** Resolves with whether the server has taken it; `to` is a name, absent: everyone else in the room. */
  say(text: string, to: string | undefined): Promise<boolean>;
  close(): void;
}

/** Servers under the same load, one of which is killed. */
export interface Stage {
  /** In the room, on that server; hears texts from then on. */
  enter(name: string, room: string, server: number, hear: (text: string) => void): Promise<Talker>;
  /** SIGKILL. */
  kill(server: number): Promise<void>;
  end(): Promise<void>;
}
