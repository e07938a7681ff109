/** Endings of names under which others put what is not whole yet: they rename it when it is. */
const UNFINISHED = [
  '.part',
  '.partial',
  '.filepart',
  '.tmp',
  '.temp',
  '.crdownload',
  '.download',
  '.swp',
  '~',
];

/**
 * Tells whether a file is left alone because of its name: it, or a directory on the way to it, begins with a dot, or it has the
 * ending of what is not whole yet. A pattern that says so takes it all the same, as in a shell: one whose name begins with a
 * dot, or has that ending.
 */
export const isUnfinishedName = (names: readonly string[], pattern: string): boolean => {
  const name = names.at(-1) ?? '';
  const wanted = pattern.split('/').at(-1) ?? '';
  const ending = UNFINISHED.find((one) => name.toLowerCase().endsWith(one));
  return (
    names.slice(0, -1).some((directory) => directory.startsWith('.') && !/(^|\/)\./.test(pattern)) ||
    (name.startsWith('.') && !wanted.startsWith('.')) ||
    (ending !== undefined && !wanted.toLowerCase().endsWith(ending))
  );
};
