import { resolve } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { CONFIG_LIMIT } from '../../steward/discovery/check-entry.js';
import type { PondError } from '../../steward/errors.js';
import type { Invocation } from '../command.js';
import { type UsageError, usage } from '../errors.js';
import { hostFile, type IncomingContent, incomingContent, readUpTo } from './host-content.js';

/** Configuration that `--config` or `--config-path` gives. */
export type GivenContent =
  | { readonly _tag: 'Inline'; readonly text: string }
  | { readonly _tag: 'Streamed'; readonly open: () => IncomingContent };

/** The content that was given on the command line; null where there is none. */
export const givenContent = (invocation: Invocation): TE.TaskEither<UsageError, GivenContent | null> => {
  const { terminal, given, program } = invocation;
  const inline = given.text('config');
  const file = given.text('configPath');
  if (inline !== undefined && file !== undefined) {
    return TE.left(usage('--config and --config-path cannot be given together'));
  }
  // `--config -` is standard input, too.
  if (inline !== undefined && inline !== '-') return TE.right({ _tag: 'Inline', text: inline });
  if (inline === undefined && file === undefined) return TE.right(null);
  const signal = terminal.interrupt;
  const open = (): IncomingContent => {
    if (inline === '-' || file === '-' || file === undefined) {
      return incomingContent({ bytes: terminal.stdin, path: 'standard input', signal });
    }
    const path = resolve(terminal.workingDirectory, file);
    return incomingContent({ bytes: hostFile(program, path), path, signal });
  };
  return TE.right({ _tag: 'Streamed', open });
};

/** A configuration's bytes. No more is read of an endless source than it takes to know that it is too large. */
export const configBytes = (content: GivenContent, path: PondPath): TE.TaskEither<PondError, Uint8Array> => {
  const tooLarge = (size: number): PondError => ({ _tag: 'ConfigTooLarge', path, size, limit: CONFIG_LIMIT });
  if (content._tag === 'Streamed') return () => readUpTo(content.open(), CONFIG_LIMIT, tooLarge);
  const bytes = Buffer.from(content.text);
  return bytes.length > CONFIG_LIMIT ? TE.left(tooLarge(bytes.length)) : TE.right(bytes);
};

/** A configuration in a file of the host, for the entry at `path`. */
export const hostConfiguration = (
  { terminal, program }: Invocation,
  file: string,
  path: PondPath,
): TE.TaskEither<PondError, Uint8Array> => {
  const open = (): IncomingContent =>
    incomingContent({ bytes: hostFile(program, file), path: file, signal: terminal.interrupt });
  return configBytes({ _tag: 'Streamed', open }, path);
};
