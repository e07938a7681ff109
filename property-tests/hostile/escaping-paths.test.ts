import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Steward } from '../../src/index.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import { ask } from '../../test/crash/scenarios/asking.js';
import { must } from '../../test/fsck/sample-pond.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

let folder = '';
let runs = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-escaping-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Names that meet each other often, and some that a host would take for a way out. */
const name = fc.constantFrom(
  'a',
  'b',
  'c',
  'link',
  'out',
  'esc',
  'esc',
  'loop',
  '...',
  '~',
  '-',
  '%2e%2e',
  '..\\',
  'C:',
  '*',
);

/** Where links of the pond lead: to themselves, to each other, up and beyond the root, to the host's files. */
const target = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.oneof(name, fc.constantFrom('..', '.')), { minLength: 1, maxLength: 4 })
      .map((names) => names.join('/')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('.', '..', '/', '/..', '../../../../etc/passwd', '/etc/passwd', '/../canary'),
  },
);

const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => `/${names.join('/')}`);

type Change =
  | { readonly make: 'link'; readonly path: string; readonly target: string }
  | { readonly make: 'file' | 'directory'; readonly path: string };

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ make: fc.constant('link' as const), path, target }) },
  { weight: 2, arbitrary: fc.record({ make: fc.constantFrom('file' as const, 'directory' as const), path }) },
  // Below a name that is a link where things are copied to.
  { weight: 2, arbitrary: fc.constant<Change>({ make: 'file', path: '/esc/inside' }) },
);

/** A path as somebody may type it. */
const typed = fc.oneof(
  path,
  fc
    .tuple(path, fc.constantFrom('/..', '/../..', '/../../../../etc/passwd', '/.', '//a', '/'))
    .map((parts) => parts.join('')),
);

const pattern = fc.oneof(
  fc.constantFrom(
    '**',
    '/**',
    '/**',
    '/**/*',
    '/*/../*',
    '/**/..',
    '/{a,../..}/**',
    '/**/link/**',
    '/{a,b}/**/out',
  ),
  typed.map((start) => `${start}/**`),
);

type Command = 'cat' | 'list' | 'copy in' | 'copy out' | 'mkdir' | 'rm';

const command = fc.record({
  what: fc.constantFrom<Command>('cat', 'list', 'copy in', 'copy out', 'copy out', 'copy out', 'mkdir', 'rm'),
  typed,
  pattern,
  into: fc.constantFrom('', '', 'a', 'a/', 'b/c/'),
});

/** Everything in a folder of the host's, not following links. */
const treeOf = (root: string): readonly string[] =>
  readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => {
      const at = join(root, entry.name);
      if (entry.isDirectory()) return [`${at}/ ${lstatSync(at).mode}`, ...treeOf(at)];
      return [entry.isSymbolicLink() ? `${at} -> ${readlinkSync(at)}` : `${at} ${readFileSync(at, 'utf8')}`];
    })
    .sort();

interface Place {
  readonly pond: string;
  /** What no command has any business in. */
  readonly outside: string;
  readonly source: string;
  /** Where copying out may write. Links in it lead outside and round in circles. */
  readonly out: string;
}

const newPlace = async (changes: readonly Change[]): Promise<Place> => {
  runs += 1;
  const root = join(folder, String(runs));
  const [pond, outside, out] = [join(root, 'pond'), join(root, 'outside'), join(root, 'out')];
  for (const directory of [outside, out]) mkdirSync(directory, { recursive: true });
  writeFileSync(join(outside, 'canary'), 'sings');
  const source = join(outside, 'source');
  writeFileSync(source, 'content');
  symlinkSync('../outside', join(out, 'esc'));
  symlinkSync('loop', join(out, 'loop'));
  await must(Steward.init(pond));
  await must(
    Steward.using(pond, (steward) => async () => {
      for (const made of changes) {
        // Some cannot be made where others are: those are not there then.
        await steward.write(({ fs }): TE.TaskEither<TinyFsError, unknown> => {
          if (made.make === 'link') return fs.symlink(made.target, made.path);
          if (made.make === 'directory') return fs.mkdirAll(made.path);
          const parent = made.path.slice(0, made.path.lastIndexOf('/')) || '/';
          return pipe(
            fs.mkdirAll(parent),
            TE.flatMap(() => fs.write(made.path, Buffer.from('secret'))),
          );
        })();
      }
      return { _tag: 'Right' as const, right: undefined };
    }),
  );
  return { pond, outside, source, out };
};

const wordsOf = (
  { what, typed: at, pattern: glob, into }: typeof command extends fc.Arbitrary<infer C> ? C : never,
  { source, out }: Place,
): readonly string[] => {
  switch (what) {
    case 'cat':
      return ['cat', '--', at];
    case 'list':
      return ['list', '--', glob];
    case 'copy in':
      return ['copy', '--', `host://${source}`, at];
    case 'copy out':
      return ['copy', '--', glob, `host://${join(out, into)}${into.endsWith('/') ? '/' : ''}`];
    case 'mkdir':
      return ['mkdir', '-p', '--', at];
    case 'rm':
      return ['rm', '-r', '--', at];
  }
};

/** Planted fault that this found: copying out through a symlink in its target. */
describe('symlinks that lead round in circles and out of the pond, and paths that would', () => {
  prop(
    [fc.array(change, { minLength: 1, maxLength: 10 }), fc.array(command, { minLength: 4, maxLength: 8 })],
    times(30),
  )(
    'end every command with a result or a tagged error, and nothing outside is read or written',
    async (changes, commands) => {
      const place = await newPlace(changes);
      const before = treeOf(place.outside);
      for (const each of commands) {
        const words = wordsOf(each, place);
        const { code, out } = await ask(place.pond, '--json', ...words);
        const shown = `pond ${words.join(' ')}: ${code} ${out}`;
        expect([0, 1, 2], shown).toContain(code);
        if (code !== 0)
          expect(JSON.parse(String(out)).error, shown).toMatchObject({
            tag: expect.stringMatching(/^[A-Z]\w+$/),
          });
        expect(String(out), shown).not.toMatch(/sings|root:/);
        expect(treeOf(place.outside), shown).toEqual(before);
      }
      const { ok, findings } = await must(Steward.fsck(place.pond));
      expect([ok, findings]).toEqual([true, []]);
      rmSync(join(place.pond, '..'), { recursive: true });
    },
  );
});

describe('links', () => {
  it('that lead in a circle are an error that says so, of whatever length the circle is', async () => {
    const ring = (length: number): readonly Change[] =>
      Array.from({ length }, (_, at) => ({
        make: 'link',
        path: `/r${at}`,
        target: `/r${(at + 1) % length}`,
      }));
    for (const length of [1, 2, 3, 50]) {
      const { pond, source } = await newPlace(ring(length));
      for (const words of [
        ['cat', '/r0'],
        ['cat', '/r0/x'],
        ['copy', `host://${source}`, '/r0'],
      ]) {
        const { code, out } = await ask(pond, ...words, '--json');
        expect([words, code, JSON.parse(String(out)).error?.tag]).toEqual([words, 1, 'SymlinkLoop']);
      }
      expect((await ask(pond, 'list', '/**')).code).toBe(0);
    }
  });
});
