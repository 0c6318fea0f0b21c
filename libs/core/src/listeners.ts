// Whoever wants to be told, each until it says that it does not.

export class Listeners<News = void> {
  readonly #listeners = new Set<(news: News) => void>();

  add(listener: (news: News) => void): () => void {
    // The same function added twice is two listeners.
    const own = (news: News): void => listener(news);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Whoever leaves meanwhile is still told; whoever comes meanwhile is not. */
  tell(news: News): void {
    for (const listener of [...this.#listeners]) listener(news);
  }

  /** Nobody is told any more. */
  clear(): void {
    this.#listeners.clear();
  }
}
