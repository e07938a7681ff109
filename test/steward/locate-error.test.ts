import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import { locateError } from '../../src/steward/planning/locate-error.js';
import { path } from '../planner/entries.js';

const PATH = '/etc/system.d/10-a.yaml';

/** Where a text is not YAML, and what is said of it. */
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

const NAMES = `config:
  a:
    b: 1
  c.d:
    - x
    - e[0].f: 2
      g: 3
  h[1]: 4
  "a.b.c": 5
  "a.b": 6
  ".": 7
`;

/** The line that is found for a key. */
const lineOfKey = (key: string) => {
  const error = { _tag: 'InvalidKeys' as const, path: path(PATH), errors: [{ key, message: 'wrong' }] };
  return locateError(PATH, error, new Map([[PATH, Buffer.from(NAMES)]]))[0]?.line;
};

test.each([
  ['config.c.d', 5],
  ['config.c.d[1].e[0].f', 6],
  ['config.c.d[1].g', 7],
  ['config.h[1]', 8],
  ['config.a.b.c', 9],
  ['config..', 11],
])('the line of %s is found, whose name has dots or brackets in it', (key, line) => {
  expect(lineOfKey(key)).toBe(line);
});

test('of two values that a key can mean, the one with the longer name is taken', () => {
  expect(lineOfKey('config.a.b')).toBe(10);
});

test.each([
  ['config.c.d[1].z', 6],
  ['config.c.d[7]', 5],
  ['config.c.dx', 2],
  ['nothing', 1],
  ['', 1],
])('what is missing at %s is found at what it is missing in', (key, line) => {
  expect(lineOfKey(key)).toBe(line);
});

test('a config.yaml that is not YAML is blamed itself, not the entries that it rejects', () => {
  const bytes = Buffer.from('schedule: graph\nparallel_groups: [\n');
  const read = readSchedule(bytes);
  if (!isLeft(read)) throw new Error('this is a schedule');
  const [found] = locateError(
    PATH,
    read.left,
    new Map([
      [PATH, Buffer.from('factory: notify\n')],
      ['/etc/system.d/config.yaml', bytes],
    ]),
  );
  expect(found).toMatchObject({ file: '/etc/system.d/config.yaml', line: 3 });
  expect(found?.message).toMatch(/^\/etc\/system\.d\/config\.yaml:3: not valid YAML: (?!config\.yaml)/);
});
