import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import { createMemoryPond } from '../../src/memory-pond.js';

test.each([
  ['hydrovu', ['name', 'id', 'active', 'comment']],
  ['http-collect', ['link', 'next', 'number', 'first', 'cursor', 'parameter', 'from', 'start']],
])('the page of %s has every key, and begins with an example that is accepted', async (name, inner) => {
  const page = readFileSync(join(import.meta.dirname, `../../docs/factories/${name}.md`), 'utf8');
  const { promises } = await createMemoryPond();
  const factories = await promises.factories();
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const checked = factories.checkBytes(name, '/etc/collect.d/x', Buffer.from(yaml));
  expect(isLeft(checked) ? describeFactoryError(checked.left) : null).toBeNull();
  const keys = factories.facts(name)?.reference?.keys.map((key) => key.name) ?? [];
  expect(keys.length).toBeGreaterThan(10);
  expect(keys.filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([]);
  expect(inner.filter((key) => !new RegExp(`\\b${key}\\b`).test(page))).toEqual([]);
  await promises.close();
});
