/** Sign that something is to stop, as far as who only waits for it uses it; every `AbortSignal` is one. */
export interface StopSign {
  readonly aborted: boolean;
  /** Hears of it once; whoever listens after it hears nothing. */
  readonly addEventListener: (event: 'abort', listener: () => void) => void;
  /** Hears of it no longer. */
  readonly removeEventListener: (event: 'abort', listener: () => void) => void;
}

/**
 * A sign that is put up within the product. There are several for each task, most of which are never seen: to make an `AbortSignal`, or to listen to
 * one, takes microseconds.
 */
export class OwnStopSign implements StopSign {
  #listeners: Set<() => void> | null = null;
  #aborted = false;

  get aborted(): boolean {
    return this.#aborted;
  }

  addEventListener(_: 'abort', listener: () => void): void {
    this.#listeners ??= new Set();
    this.#listeners.add(listener);
  }

  removeEventListener(_: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = [...(this.#listeners ?? [])];
    this.#listeners = null;
    for (const listener of listeners) listener();
  }
}
