import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRight, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';
import { trustedPlaces } from '../../src/trust/trusted-places.js';

const deploy = join(import.meta.dirname, '../../docs/deploy');

type Node = Readonly<Record<string, unknown>>;

/** All mappings of a file's documents, aliases and merge keys resolved. */
const nodesOf = (value: unknown): readonly Node[] => {
  if (Array.isArray(value)) return value.flatMap(nodesOf);
  if (typeof value !== 'object' || value === null) return [];
  return [value as Node, ...Object.values(value).flatMap(nodesOf)];
};

const read = (name: string): readonly Node[] =>
  parseAllDocuments(readFileSync(join(deploy, name), 'utf8'), { merge: true }).flatMap((document) => {
    expect(document.errors).toEqual([]);
    return nodesOf(document.toJS());
  });

const words = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

/** What containers of our image run: words after `pond`, each list from a shell script or from arguments. */
const commandLines = (nodes: readonly Node[]): readonly (readonly string[])[] =>
  nodes
    .filter(({ image }) => image === 'pond-steward')
    .flatMap((container) => {
      const own = [...words(container.command), ...words(container.args)];
      const isShell = own.some((word) => word.includes('pond '));
      // What is only merged into others starts nothing.
      if (!isShell) return own.length === 0 ? [] : [own];
      return own
        .flatMap((script) => script.split(/&&|\|\||;/))
        .map((part) => part.trim().replace(/\s*\d?>.*$/, ''))
        .filter((part) => part.startsWith('pond '))
        .map((part) => part.split(/\s+/).slice(1));
    });

describe.each(['compose.yaml', 'kubernetes.yaml'])('%s', (name) => {
  it('starts pond with command lines that it understands', async () => {
    const lines = commandLines(read(name));
    expect(lines.map(([command]) => command).toSorted()).toEqual(['init', 'serve', 'status', 'worker']);
    for (const line of lines) expect(isRight(await parseCommandLine(line)), line.join(' ')).toBe(true);
    expect(isRight(await parseCommandLine(['worker', '--concurency', '4']))).toBe(false);
  });

  it('sets variables that pond, PostgreSQL and S3 know, and trusts the pond that it names', () => {
    const nodes = read(name);
    const settings = nodes.filter(({ POND }) => typeof POND === 'string');
    expect(settings.length).toBeGreaterThan(0);
    for (const setting of settings) {
      const unknown = Object.keys(setting).filter((key) => !KNOWN.test(key));
      expect(unknown).toEqual([]);
      expect(trustedPlaces(String(setting.POND_TRUST))).toEqual(right([setting.POND]));
    }
  });
});

const KNOWN =
  /^(POND|POND_CONTROL|POND_TRUST|PGPASSWORD|AWS_(ENDPOINT_URL|REGION|ACCESS_KEY_ID|SECRET_ACCESS_KEY))$/;
