import { describe, expect, test } from 'vitest';
import { entryList } from '../../src/cli/render/entry-list.js';
import { entryDocument } from '../../src/documents/entry-document.js';
import { childOf, ROOT } from '../../src/domain/paths/pond-path.js';
import type { Entry } from '../../src/tinyfs/tinyfs.js';

const entryNamed = (name: string, size: number): Entry => ({
  path: childOf(ROOT, name),
  name,
  entryType: 'file',
  nodeId: 'id',
  version: 2,
  txnSeq: 12,
  timestamp: 1_000_000,
  size,
  sha256: null,
  factory: null,
  linkTarget: null,
});
const many = Array.from({ length: 9000 }, (_, n) => entryNamed(`file-${n}`, n));

describe('a list of entries', () => {
  const listed = async (form: Parameters<typeof entryList>[1], entries: readonly Entry[]) => {
    const writes: string[] = [];
    const list = entryList({ writeOut: async (text) => writes.push(String(text)) > 0 }, form);
    for (const entry of entries) await list.add(entry);
    await list.end();
    return writes;
  };

  test('is the same JSON document, however long, as if it were written at once', async () => {
    for (const entries of [[], many.slice(0, 1), many]) {
      const expected = `${JSON.stringify(entries.map(entryDocument), null, 2)}\n`;
      expect((await listed('json', entries)).join('')).toBe(expected);
    }
  });

  test('is written in parts that are bounded, so that it need not be in memory', async () => {
    for (const form of ['paths', 'columns', 'json'] as const) {
      const writes = await listed(form, many);
      expect(writes.length).toBeGreaterThan(1);
      expect(Math.max(...writes.map(({ length }) => length))).toBeLessThan(1_000_000);
    }
  });

  test('keeps its columns aligned from one part to the next', async () => {
    const lines = (await listed('columns', many)).join('').trimEnd().split('\n');
    expect(lines).toHaveLength(many.length);
    // What comes later is at least as wide as what came before.
    const places = lines.map((line) => line.indexOf('/file-'));
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('shows what acts upon a terminal as an escape', async () => {
    const [line] = await listed('paths', [entryNamed('a\u001b[31mb\nc', 1)]);
    expect(line).toBe('/a\\x1b[31mb\\nc\n');
  });
});
