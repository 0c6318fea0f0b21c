// Waiting that gives up without a word: whether it came true is for the judge to say.

/** Milliseconds between two looks. */
const interval = 20;

/** Resolves with true once `look` does, or with false after `patience` milliseconds. */
export function eventually(look: () => boolean, patience: number): Promise<boolean> {
  if (look()) return Promise.resolve(true);
  const end = Date.now() + patience;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const come = look();
      if (!come && Date.now() < end) return;
      clearInterval(timer);
      resolve(come);
    }, interval);
  });
}
