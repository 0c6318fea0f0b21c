// Which of several processes on one port a process is, as it is told by the one that started it.

export interface Place {
  /** That they share. */
  readonly port: number;
  /** From 1 on; who takes the place of one that died has its index. */
  readonly index: number;
}

export function writePlace({ port, index }: Place): string {
  return `${port}:${index}`;
}

export function readPlace(text: string): Place {
  const [port, index = 1] = text.split(":").map(Number);
  return { port: port ?? 0, index };
}
