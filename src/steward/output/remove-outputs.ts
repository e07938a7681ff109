import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { OutputFiles } from './output-file.js';
import { namesIn } from './output-places.js';

/** Files of attempts, also those that are about to take the place of one. */
const FILE = /^[1-9]\d*\.[1-9]\d*-[1-9]\d*\.jsonl(\.new)?$/;

/** Removes files that were last written to before a time in microseconds; returns how much that is, with `dryRun` only that. */
export const removeOutputsBefore = (
  files: OutputFiles['files'],
  directory: string,
  time: number,
  { dryRun }: { readonly dryRun: boolean },
): Either<FileSystemError, { readonly attempts: number; readonly bytes: number }> => {
  const parts = namesIn(files, directory);
  if (isLeft(parts)) return parts;
  let removed = { attempts: 0, bytes: 0 };
  for (const part of parts.right.filter((name) => /^\d+$/.test(name))) {
    const names = namesIn(files, `${directory}/${part}`);
    if (isLeft(names)) return names;
    for (const name of names.right.filter((one) => FILE.test(one))) {
      const path = `${directory}/${part}/${name}`;
      const stat = files.stat(path)();
      if (isLeft(stat) || stat.right.kind !== 'file' || stat.right.modifiedAt >= time) continue;
      const gone = dryRun ? right(undefined) : files.remove(path)();
      if (isLeft(gone)) return gone;
      removed = { attempts: removed.attempts + 1, bytes: removed.bytes + stat.right.size };
    }
  }
  return right(removed);
};
