import { left, right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import { readEnvelope } from '../../src/domain/plans/envelope.js';
import { bytes } from './contexts.js';

const parse = (text: string) => parseYaml(bytes(text));
const problem = (text: string) => left({ _tag: 'YamlProblem', problem: text });

describe('a YAML document', () => {
  it('is plain data; an empty one is null', () => {
    expect(parse('a: [1, 2.5, yes, true, null, "1"]\nb: { c: 2024-01-01 }')).toEqual(
      right({ a: [1, 2.5, 'yes', true, null, '1'], b: { c: '2024-01-01' } }),
    );
    for (const empty of ['', '\n', '# nothing', '---\n']) expect(parse(empty)).toEqual(right(null));
  });

  it('may have Windows line ends and a BOM', () => {
    expect(parse('\ufeffa: |\r\n  x\r\n  y\r\nb: "p\r\n  q"\r\n')).toEqual(right({ a: 'x\ny\n', b: 'p q' }));
  });

  it('may use aliases, each with the value of the anchor before it', () => {
    expect(parse('[&a 1, &b [*a], &a 2, *b, *a]')).toEqual(right([1, [1], 2, [1], 2]));
  });

  it('takes << and __proto__ for keys like any other', () => {
    expect(parse('a: &a { x: 1 }\nb: { <<: *a }')).toEqual(right({ a: { x: 1 }, b: { '<<': { x: 1 } } }));
    const value = parse('__proto__: { polluted: true }');
    expect(JSON.stringify(value)).toContain('"__proto__":{"polluted":true}');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  const refused: readonly (readonly [string, string])[] = [
    ['a: 1\na: 2', 'the key "a" is there twice'],
    ['{ a: 1, "a": 2 }', 'the key "a" is there twice'],
    ['1: x', 'a key must be a text, got 1'],
    ['? [a]\n: x', 'a key must be a text, got a list'],
    ['a: .inf', 'a number that is not finite'],
    ['a: 12345678901234567890', 'a whole number beyond 2^53 would lose digits; put it in quotes'],
    ['a: "\\uD800"', 'a text with half a surrogate pair'],
    ['a: 1\n---\nb: 2', 'more than one document'],
    ['&a [*a]', 'the alias *a stands inside its own anchor'],
    ['[*a]', 'the alias *a has no anchor'],
    ['a: !!binary aGk=', 'Unresolved tag: tag:yaml.org,2002:binary'],
  ];
  for (const [text, why] of refused) {
    it(`is refused: ${why}, of ${JSON.stringify(text)}`, () => expect(parse(text)).toEqual(problem(why)));
  }

  it('is refused when it is not UTF-8', () => {
    expect(parseYaml(new Uint8Array([0x61, 0x3a, 0x20, 0xff]))).toEqual(problem('not UTF-8'));
  });

  it('has problems that do not depend on where they are, so that plans with them are equal', () => {
    expect(parse('\n\n\nb: 1\n\nc: [1')).toEqual(parse('c: [1'));
  });
});

describe('a YAML bomb is refused before it is built', () => {
  const refused = (text: string, why: string) => expect(parse(text)).toEqual(problem(why));
  const MIB = 1_048_576;

  it('of aliases in aliases', () => {
    const levels = 'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]`);
    refused(['a: &a [x,x,x,x,x,x,x,x,x]', ...levels].join('\n'), 'aliases expand too far');
  });

  it('of one large text many times', () => {
    refused(`a: &a "${'x'.repeat(MIB / 2)}"\nb: [${Array(90).fill('*a')}]`, 'aliases expand too far');
  });

  for (const opening of ['[', '{', '- ', '? ', ': ']) {
    it(`of ${opening.trim()} in ${opening.trim()}`, () => {
      refused(opening.repeat(MIB / opening.length), 'nested more than 100 levels deep');
    });
  }

  it('of a million small things', () => {
    refused(`[${'1,'.repeat(MIB / 2 - 2)}]`, 'too many keys and values');
  });
});

describe('an envelope', () => {
  it('is a mapping with a top-level factory, and nothing else is', () => {
    expect(readEnvelope({ factory: 'command', timeout: '1.5m', config: { a: 1 } })).toEqual(
      right({
        envelope: {
          factory: 'command',
          description: null,
          enabled: true,
          condition: null,
          dependsOn: [],
          retry: null,
          timeoutMs: 90_000,
          derived: null,
          schedule: null,
          runWhen: null,
          ifSuperseded: 'run',
          place: { queue: 'any', host: null },
        },
        config: { a: 1 },
      }),
    );
    expect(readEnvelope({ message: 'x', enabled: 7 })).toEqual(
      right({ envelope: null, config: { message: 'x', enabled: 7 } }),
    );
    expect(readEnvelope(['factory'])).toEqual(right({ envelope: null, config: ['factory'] }));
  });

  it('may leave the configuration empty, which counts as {}', () => {
    for (const value of [null, { factory: 'a' }, { factory: 'a', config: null }]) {
      expect(readEnvelope(value)).toMatchObject({ right: { config: {} } });
    }
  });

  it('has each of its mistakes reported with its key', () => {
    const wrong = { factory: 7, enabled: 'yes', timeout: 30, when: {}, description: null };
    expect(readEnvelope(wrong)).toEqual(
      left([
        {
          key: 'when',
          message:
            'unknown key; known keys are factory, description, enabled, condition, depends_on, timeout, retry, config, derived, run_when, if_superseded, queue, host',
        },
        { key: 'factory', message: 'expected the name of a factory, got 7' },
        { key: 'description', message: 'expected string, got null' },
        { key: 'enabled', message: 'expected boolean, got "yes"' },
        { key: 'timeout', message: 'expected a duration such as 500ms, 30s, 10m or 2h, got 30' },
      ]),
    );
  });
});
