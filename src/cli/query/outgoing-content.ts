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

/** A content of the pond on its way out: counted, and ended by an interrupt, which it throws as an error of the pond. */
export async function* outgoingContent(
  content: ByteStream,
  { signal, onBytes, onFailure }: Outgoing,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content) {
      if (signal.aborted) throw INTERRUPTED;
      yield chunk;
      onBytes?.(chunk.length);
    }
  } catch (thrown) {
    if (isCliError(thrown)) onFailure?.(thrown);
    throw thrown;
  }
}

const INTERRUPTED: PondError = { _tag: 'Interrupted', call: 'read' };
