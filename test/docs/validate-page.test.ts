import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import { readEnvelope } from '../../src/domain/plans/envelope.js';
import { ValidateCodec } from '../../src/validation/reading/rules-codec.js';
import { check, faultsOf, refusals, weather } from '../validation/checking.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/factories/validate.md'), 'utf8');

describe('the page of validate', () => {
  it('begins with an example that is accepted, and that finds what it says it finds', async () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
    const document = parseYaml(Buffer.from(yaml));
    const envelope = readEnvelope(isLeft(document) ? null : document.right);
    if (isLeft(envelope)) throw new Error(JSON.stringify(envelope.left));
    const config = ValidateCodec.decode(envelope.right.config);
    if (isLeft(config)) throw new Error('the example is refused');
    const stationed = (days: string): string =>
      days
        .split('\n')
        .map((line, row) => (line === '' ? '' : `${line},${row === 0 ? 'station' : 'S1'}`))
        .join('\n')
        .replaceAll(/^([^,]*),[^,]*,([^,]*),[^,]*,[^,]*,/gm, '$1,$2,');
    const files = (days: string) => ({ '/in/a.csv': stationed(days), '/ref/stations.csv': 'id\nS1\n' });
    expect(faultsOf((await check(config.right.rules, files(weather()))).verdict)).toEqual([]);
    const back = weather({ 9: '2011-01-01,0.0,99.0,1.0,4.7,sun' });
    const found = faultsOf((await check(config.right.rules, files(back))).verdict);
    expect(found.map(({ name }) => name)).toEqual(['temp_max max', 'ordered']);
  });

  it('has every key', () => {
    const known = (yaml: string): readonly string[] =>
      /known keys are (.*)/.exec(refusals(yaml).join('\n'))?.[1]?.split(', ') ?? [];
    const keys = [
      ...known('zzzzzzzz: 1'),
      ...known('columns: [ { name: a, zzzzzzzz: 1 } ]'),
      ...known('checks: [ { metric: rowCount, mustBe: 1, zzzzzzzz: 1 } ]'),
    ];
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter((key) => !page.includes(key))).toEqual([]);
  });
});
