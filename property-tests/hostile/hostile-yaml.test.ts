import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect } from 'vitest';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import { readEnvelope } from '../../src/domain/plans/envelope.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

/** Reading returns, whatever the bytes are, a value or a tagged error of one line, and the envelope likewise. */
const answers = (bytes: Uint8Array): void => {
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) {
    expect(parsed.left._tag).toBe('YamlProblem');
    expect(parsed.left.problem).toMatch(/^[^\n\r]+$/);
    return;
  }
  expect(isPlain(parsed.right)).toBe(true);
  const envelope = readEnvelope(parsed.right);
  if (isLeft(envelope)) {
    expect(envelope.left.length).toBeGreaterThan(0);
    for (const { message } of envelope.left) expect(message).not.toBe('');
  }
};

const isPlain = (value: unknown): boolean => {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isPlain);
  return (
    typeof value === 'object' &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.values(value).every(isPlain)
  );
};

/** Bytes that look enough like YAML to get past the first line of defence. */
const yamlish = fc
  .array(
    fc.constantFrom(
      ...[
        'factory: ',
        'config: ',
        'enabled: ',
        '- ',
        '? ',
        ': ',
        '\n',
        '  ',
        '    ',
        '\t',
        '[',
        ']',
        '{',
        '}',
      ],
      ...[
        ',',
        '&a ',
        '*a',
        '&b ',
        '*b',
        '!!str ',
        '!t ',
        '|',
        '>',
        '|2-',
        '"',
        "'",
        '#',
        '%YAML 1.1\n',
        '---\n',
        '...\n',
      ],
      ...[
        '<<',
        '__proto__',
        'a',
        'b',
        '1',
        '0x1',
        '.inf',
        '~',
        'true',
        '2001-01-01',
        '\\',
        '\u0000',
        '\ufeff',
        '😀',
      ],
    ),
    { maxLength: 60 },
  )
  .map((parts) => new TextEncoder().encode(parts.join('')));

describe('any bytes are a value of plain data or a tagged error', () => {
  prop([fc.uint8Array({ maxLength: 300 })], times(500))('of any bytes', answers);
  prop([fc.string({ unit: 'binary', maxLength: 300 })], times(500))('of any text', (text) =>
    answers(new TextEncoder().encode(text)),
  );
  prop([yamlish], times(3_000))('of pieces of YAML in any order', answers);
});

describe('plain data survives being written as JSON and read as YAML', () => {
  prop([fc.json({ noUnicodeString: false, maxDepth: 5 })])('and envelopes are found in it', (text) => {
    const value: unknown = JSON.parse(text);
    const parsed = parseYaml(new TextEncoder().encode(text));
    if (isLeft(parsed)) {
      // Numbers and strings that JSON has and a configuration may not have.
      expect(parsed.left.problem).toMatch(/surrogate|2\^53|twice/);
      return;
    }
    expect(JSON.stringify(parsed.right)).toBe(JSON.stringify(value));
  });
});
