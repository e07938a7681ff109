import * as E from 'fp-ts/lib/Either.js';
import type { FileSystem } from '../../ports/file-system.js';
import { type UsageError, usage } from '../errors.js';

/** Database in which systems keep the groups that they know by themselves. */
const GROUPS = '/etc/group';

/** The number of a group that was named, or given by its number. */
export const groupNumber = (
  files: Pick<FileSystem, 'readFile'>,
  given: string,
): E.Either<UsageError, number> => {
  if (/^\d{1,10}$/.test(given)) return E.right(Number(given));
  const read = files.readFile(GROUPS)();
  const lines = E.isLeft(read) ? [] : Buffer.from(read.right).toString('utf8').split('\n');
  const found = lines.map((line) => line.split(':')).find(([name]) => name === given);
  const number = Number(found?.[2] ?? Number.NaN);
  return Number.isInteger(number)
    ? E.right(number)
    : E.left(usage(`${GROUPS} has no group ${given}`, `give its number: getent group ${given}`));
};
