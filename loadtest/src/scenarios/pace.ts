// A steady rate, kept by sending what is due whenever the timer comes: some of the machine's timers come late.

/** Calls so many times per second until the returned function is called. */
export function pace(perSecond: number, call: () => void): () => void {
  const began = performance.now();
  let done = 0;
  const timer = setInterval(() => {
    const due = ((performance.now() - began) * perSecond) / 1_000;
    for (; done < due; done += 1) call();
  }, 1);
  return () => clearInterval(timer);
}
