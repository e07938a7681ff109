import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { remedyFor } from '../src/cli/words/remedies.js';
import { quotedShellWord, shellWord } from '../src/domain/shell-word.js';
import { printable } from '../src/domain/text/printable.js';

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        ' ',
        "'",
        '"',
        '$',
        '`',
        '\n',
        '\r',
        '\u001b[2K',
        '\u202e',
        '\u009b',
        '-',
        '~',
        '*',
        '\\',
        '#',
        '!',
        '$(x)',
      ),
    ),
    { minLength: 1 },
  )
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('\0') && text !== '');

/** What a shell makes of the words of a command. */
const wordsOf = (line: string): readonly string[] =>
  execFileSync('bash', ['--norc', '-c', `printf '%s\\0' ${line}`], {
    encoding: 'utf8',
    env: { LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
    .split('\0')
    .slice(0, -1);

test('a text that is quoted for a shell is one word, the text itself, and acts on no terminal', () => {
  fc.assert(
    fc.property(fc.array(hostile, { minLength: 1, maxLength: 40 }), (texts) => {
      const words = [...texts.map(shellWord), ...texts.map(quotedShellWord)];
      expect(words.map(printable)).toEqual(words);
      expect(wordsOf(words.join(' '))).toEqual([...texts, ...texts]);
    }),
    { numRuns: 20 },
  );
});

test('remedies that name a path or a directory can be copied into a shell, whatever its name', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const path = `/${name}`;
      const remedies = [
        remedyFor({ _tag: 'DirectoryNotEmpty', path }),
        remedyFor({ _tag: 'NotTrusted', directory: path, what: 'files', of: 1, wouldRun: [], problem: null }),
      ];
      expect(
        remedies.map((remedy) => wordsOf((remedy ?? '').split(' shows all of it')[0] ?? '').at(-1)),
      ).toEqual([path, path]);
    }),
    { numRuns: 20 },
  );
});
