import { readdirSync, readFileSync } from 'node:fs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { parseCopy } from '../../src/cli/copy/direction.js';
import { referenceOf } from '../../src/cli/describe-command-line.js';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';

const PAGES = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !/^(api|decisions)\/|^CHANGELOG/.test(name))
    .map((name) => `docs/${name}`),
];

/** Lines of a page's blocks, but of those in a language that is none of a shell's. */
const blockLines = (text: string): readonly { readonly line: number; readonly text: string }[] => {
  let fence: string | null = null;
  return text.split('\n').flatMap((line, index) => {
    const [, language] = /^\s*```(\w*)/.exec(line) ?? [];
    if (language !== undefined) {
      fence = fence === null ? language : null;
      return [];
    }
    const isShell = fence === null ? /^ {4}\S/.test(line) : /^(sh|bash|yaml|)$/.test(fence);
    return isShell ? [{ line: index + 1, text: line.trim() }] : [];
  });
};

const WORD = /(?:[^\s'"|;&<>#]|'[^']*'|"(?:\\.|[^"\\])*")+|[|;&<>]+|#.*$/g;

/** The calls of `pond` in a line of a shell, each as its words. Lines that go on with the next one, and forms with placeholders, have none. */
const callsIn = (line: string): readonly (readonly string[])[] => {
  const bare = line.replace(/'[^']*'|"(?:\\.|[^"\\])*"/g, '').replace(/ #.*$/, '');
  if (/\.\.\.|[['"\\]/.test(bare)) return [];
  const calls: string[][] = [];
  let call: string[] | null = null;
  let [isFirst, isRedirected] = [true, false];
  for (const [word] of line.matchAll(WORD)) {
    if (word.startsWith('#')) break;
    if (/^[|;&]/.test(word)) [isFirst, call] = [true, null];
    else if (/^[<>]/.test(word)) isRedirected = true;
    else if (isRedirected) isRedirected = false;
    else if (isFirst && !/^[A-Z_]+=/.test(word)) {
      isFirst = false;
      call = word === 'pond' ? [] : null;
      if (call !== null) calls.push(call);
    } else call?.push(word.replace(/^(['"])(.*)\1$/s, '$2').replace('$POND_TXN_SEQ', '42'));
  }
  return calls;
};

const faultOf = async (call: readonly string[]): Promise<string | null> => {
  const parsed = await parseCommandLine(call);
  if (isLeft(parsed)) return parsed.left.message;
  if (parsed.right._tag !== 'Run' || call[0] !== 'copy') return null;
  const copy = parseCopy(parsed.right.given, '/');
  return isLeft(copy) ? JSON.stringify(copy.left) : null;
};

test('every call of a page is one that the program understands', async () => {
  const faults: string[] = [];
  for (const page of PAGES)
    for (const { line, text } of blockLines(readFileSync(page, 'utf8')))
      for (const call of callsIn(text)) {
        const fault = await faultOf(call);
        if (fault !== null) faults.push(`${page}:${line}: pond ${call.join(' ')}: ${fault}`);
      }
  expect(faults).toEqual([]);
});

test('every example that help shows is one that the program understands', async () => {
  const { commands } = await referenceOf();
  const calls = commands.flatMap(({ examples }) => examples.flatMap(([typed]) => callsIn(`pond ${typed}`)));
  expect(calls.length).toBeGreaterThan(commands.length);
  const faults: string[] = [];
  for (const call of calls) {
    const fault = await faultOf(call);
    if (fault !== null) faults.push(`pond ${call.join(' ')}: ${fault}`);
  }
  expect(faults).toEqual([]);
});

test('a call that it does not understand is noticed', async () => {
  const [call] = callsIn('curl -s https://example.org | pond copy data.csv /in/   # a file of the host');
  expect(call).toEqual(['copy', 'data.csv', '/in/']);
  expect(await faultOf(call ?? [])).toContain('neither a path in the pond');
  expect(await faultOf(['copy', 'host://data.csv', '/in/'])).toBeNull();
  expect(callsIn('pond recover; pond status --check || pond control --incomplete')).toHaveLength(3);
  expect(await faultOf(['recover', '--dry'])).toContain('unknown option');
  expect(await faultOf(['host', 'recover', 'undo', 'what', 'a', 'crash', 'left'])).toContain(
    'too many arguments',
  );
});
