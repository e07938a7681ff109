import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import { readEnvelope } from '../../src/domain/plans/envelope.js';
import { suggestRules } from '../../src/validation/checking/suggest.js';
import { ValidateCodec } from '../../src/validation/reading/rules-codec.js';
import { NO_RULES, type Rules } from '../../src/validation/rules.js';
import { suggestedEntry } from '../../src/validation/rules-text.js';
import { check, faultsOf, messages, vega } from './checking.js';

/** What makes the engine look at what the first rows hold. */
const LOOKING: Rules = {
  ...NO_RULES,
  checks: [
    {
      name: 'looking',
      severity: 'warning',
      unit: 'rows',
      limits: [],
      measure: { kind: 'sql', sql: 'SELECT 0' },
    },
  ],
};

const suggested = async (path: string, text: string): Promise<string> => {
  const { after } = await check(LOOKING, { [path]: text }, (found) =>
    TE.map((rules: Rules) => suggestedEntry({ path, pattern: path, rows: found.verdict.rows ?? 0 }, rules))(
      suggestRules(found),
    ),
  );
  return after ?? '';
};

const rulesIn = (entry: string): Rules => {
  const document = parseYaml(Buffer.from(entry));
  const envelope = readEnvelope(isLeft(document) ? null : document.right);
  if (isLeft(envelope)) throw new Error(entry);
  const config = ValidateCodec.decode(envelope.right.config);
  if (isLeft(config)) throw new Error(entry);
  return config.right.rules;
};

describe('rules that are suggested', () => {
  it.each([
    'seattle-weather.csv',
    'airports.csv',
    'stocks.csv',
    'us-employment.csv',
    'github.csv',
    'disasters.csv',
    'unemployment.tsv',
    'cars.json',
    'penguins.json',
    'movies.json',
  ])('are an entry that is accepted, and that %s keeps', async (name) => {
    const text = vega(name);
    const rules = rulesIn(await suggested(`/in/${name}`, text));
    expect(rules.columns.length).toBeGreaterThan(0);
    expect(faultsOf((await check(rules, { [`/in/${name}`]: text })).verdict)).toEqual([]);
  });
});

describe('JSON', () => {
  it('has numbers in quotes, missing keys, objects and lists', async () => {
    const json = '{"n":"1","o":{"a":1},"l":[1]}\n{"n":2,"o":{"a":2},"l":[]}\n{"o":{"a":3}}\n';
    const rules = (n: string, o: string, l: string) =>
      `columns: [ { name: n, type: ${n} }, { name: o, type: ${o} }, { name: l, type: ${l} } ]`;
    expect(await messages(rules('integer', 'object', 'array'), { '/a.json': json })).toEqual([]);
    const wrong = await messages(rules('date', 'array', 'object'), { '/a.json': json });
    expect(wrong).toHaveLength(3);
  });

  it.each([
    ['numbers beyond the exact ones', 'day,big\na,123456789012345678901234567890\nb,-9007199254740993\n'],
    ['numbers that are none, or have no end', 'a,b\n1e400,1\nNaN,2\n-inf,3\n'],
    ['names that YAML takes for something else', 'a b,"c, d","e ""f""",null,true,1x,#x,ä\n1,2,3,4,5,6,7,8\n'],
  ])('are accepted, and kept, with %s', async (_, text) => {
    const rules = rulesIn(await suggested('/in/odd.csv', text));
    expect(faultsOf((await check(rules, { '/in/odd.csv': text })).verdict)).toEqual([]);
  });
});
