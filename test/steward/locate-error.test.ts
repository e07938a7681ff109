import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/domain/yaml-document.js';
import { locateError } from '../../src/steward/locate-error.js';

const PATH = '/etc/system.d/10-a.yaml';

/** Where a text is no YAML, and what is said of it. */
const located = (text: string) => {
  const bytes = Buffer.from(text);
  const parsed = parseYaml(bytes);
  if (!isLeft(parsed)) throw new Error('this is YAML');
  const [found] = locateError(
    PATH,
    { _tag: 'InvalidYaml', problem: parsed.left.problem },
    new Map([[PATH, bytes]]),
  );
  return `${found?.line}: ${parsed.left.problem}`;
};

test.each([
  ['a number that is none', 'a: 1\nb: .inf\n', '2: a number that is not finite'],
  ['an alias without its anchor', 'a: 1\n\nb: *c\n', '3: the alias *c has no anchor'],
  ['an alias inside its own anchor', 'a: &a\n  b: *a\n', '2: the alias *a stands inside its own anchor'],
  [
    'aliases that expand too far',
    `a: &a [${'x, '.repeat(20)}]\nb: &b [${'*a, '.repeat(20)}]\nc:\n  [${'*b, '.repeat(20)}]\n`,
    '4: aliases expand too far',
  ],
  ['lists that are too deep', `a: 1\nb: ${'['.repeat(200)}`, '2: nested more than 100 levels deep'],
  ['a second document', 'a: 1\n---\nb: 1\n', '2: more than one document'],
])('the line of %s is found', (_, text, expected) => {
  expect(located(text)).toBe(expected);
});
