import type { PondError } from '../../steward/errors.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { CliError } from '../errors.js';
import { isCliError } from '../exit-codes.js';

export interface Outgoing {
  readonly signal: AbortSignal;
  readonly onBytes?: (count: number) => void;
  /** Is told what ended the content, where the error itself passes through others' hands. */
  readonly onFailure?: (error: CliError) => void;
}

/**
 * A content of the pond on its way out: counted, and ended by an interrupt, which it throws as an error of the pond. At once, also
 * where the content is being made and nothing of it is there yet: what makes it is not waited for.
 */
export async function* outgoingContent(
  content: ByteStream,
  { signal, onBytes, onFailure }: Outgoing,
): AsyncGenerator<Uint8Array> {
  const iterator = content[Symbol.asyncIterator]();
  let interruptNext: () => void = () => undefined;
  const onAbort = () => interruptNext();
  signal.addEventListener('abort', onAbort, { once: true });
  const next = (): Promise<IteratorResult<Uint8Array>> =>
    new Promise((resolve, reject) => {
      interruptNext = () => reject(INTERRUPTED);
      if (signal.aborted) interruptNext();
      else iterator.next().then(resolve, reject);
    });
  let hasEnded = false;
  try {
    for (;;) {
      const { done, value } = await next();
      if (done === true) {
        hasEnded = true;
        return;
      }
      yield value;
      onBytes?.(value.length);
    }
  } catch (thrown) {
    hasEnded = true;
    if (isCliError(thrown)) onFailure?.(thrown);
    throw thrown;
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Whoever stopped reading lets go of it in order; one that was interrupted, or failed, is left.
    if (!hasEnded) await iterator.return?.();
  }
}

const INTERRUPTED: PondError = { _tag: 'Interrupted', call: 'read' };
