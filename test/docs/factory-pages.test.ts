import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import { newPond } from '../factories/derived/pond-with.js';

/** Pages of factories that have no page of their own; their entries are not like the others. */
const ELSEWHERE: Readonly<Record<string, string>> = { watch: '../running/watching.md' };

const pageOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../docs/factories', ELSEWHERE[name] ?? `${name}.md`), 'utf8');

it('every factory that comes with the product has a page with all its keys, and an example that is accepted', async () => {
  const factories = await (await newPond()).factories();
  const names = factories
    .list()
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('test-'));
  expect(names.length).toBeGreaterThan(15);
  for (const name of names) {
    const page = pageOf(name);
    const keys = factories.facts(name)?.reference?.keys ?? [];
    expect([name, keys.filter(({ name: key }) => !page.includes(`\`${key}`))]).toEqual([name, []]);
    if (name in ELSEWHERE) continue;
    const yaml = [...page.matchAll(/```yaml\n(.*?)```/gs)]
      .map(([, text = '']) => text)
      .find((text) => text.includes(`factory: ${name}\n`));
    const directory = /^schedule:/m.test(yaml ?? '') ? 'schedule.d' : 'system.d';
    const checked = factories.checkBytes(name, `/etc/${directory}/${name}`, Buffer.from(yaml ?? ''));
    expect([name, isLeft(checked) ? describeFactoryError(checked.left) : null]).toEqual([name, null]);
  }
});
