// Reports of the library's surface with the reference beside them, and how two sets of them differ.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The name of the file beside them that says what is wrong with the surface. */
export const FAULTS = 'faults.txt';

/** The reports and pages in a folder by file name; none where there is no folder. */
export const readReports = (folder) => {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.md'));
    return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  } catch (error) {
    if (error.code === 'ENOENT') return new Map();
    throw error;
  }
};

/** What one set of reports has that the other has not, line by line; empty where they are equal. */
export const compareReports = (kept, built) =>
  [...new Set([...kept.keys(), ...built.keys()])].sort().flatMap((name) => {
    const before = kept.get(name);
    const after = built.get(name);
    if (before === after) return [];
    if (before === undefined) return [`${name}: it is not in docs/api`];
    if (after === undefined) return [`${name}: docs/api has it, and there is no such entry point`];
    const lines = [...without(before, after, '-'), ...without(after, before, '+')];
    return [`${name}:\n${(lines.length === 0 ? ['  (the same lines in another order)'] : lines).join('\n')}`];
  });

/** The lines of one text that the other has fewer of. */
const without = (text, other, sign) => {
  const left = new Map();
  for (const line of other.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
  return text.split('\n').flatMap((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count > 0 ? [] : [`  ${sign} ${line}`];
  });
};
