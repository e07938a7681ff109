import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { malformedInWords } from '../../../src/adapters/duckdb/messages/malformed-json.js';

const directory = mkdtempSync(join(tmpdir(), 'pond-malformed-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const file = join(directory, 'a.jsonl');
const BLANKS = '\n\n\n';
/** A look at the first 16 MiB ends in one of these lines, which are JSON. */
const MANY = `{"v": "${'x'.repeat(1000)}"}\n`.repeat(17_000);

/** The place that is named where the engine has counted to two, without the lines that are empty. */
const placeIn = async (signal = new AbortController().signal): Promise<string> => {
  const thrown = new Error(
    `Malformed JSON in file "${file}", at byte 3 in line 3: unexpected character. Try`,
  );
  const { message } = (await malformedInWords(thrown, new Map([[file, 'a.jsonl']]), signal)) as Error;
  expect(message).toMatch(/^a\.jsonl: it is not JSON: unexpected character \(line \d+\)$/);
  return message.slice(message.lastIndexOf('('));
};

describe('the line that is not JSON', () => {
  it('counts those that are empty', async () => {
    writeFileSync(file, `\u{feff}{"v": 1}\r\n${BLANKS}{"v": "\u{2028}"}\n{"v": q}\n${MANY}`);
    expect(await placeIn()).toBe('(line 6)');
    writeFileSync(file, '{"v": 1}\n\n{"v": ');
    expect(await placeIn()).toBe('(line 3)');
  });

  it('is the one that the engine has counted where it stands too far behind to be looked for', async () => {
    writeFileSync(file, `${BLANKS}${MANY}{"v": q}\n`);
    expect(await placeIn()).toBe('(line 2)');
  });

  it('is the one that the engine has counted where nobody waits any longer, or the file is gone', async () => {
    writeFileSync(file, `${BLANKS}{"v": q}\n`);
    expect(await placeIn()).toBe('(line 4)');
    expect(await placeIn(AbortSignal.abort())).toBe('(line 2)');
    rmSync(file);
    expect(await placeIn()).toBe('(line 2)');
  });
});
