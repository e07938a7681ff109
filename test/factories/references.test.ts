import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import { createMemoryPond } from '../../src/memory-pond.js';

const pond = await createMemoryPond();
const factories = await pond.promises.factories();
const NAMES = factories.list().map(({ name }) => name);

test('every built-in factory has keys with meanings, and an example that it accepts', () => {
  for (const name of NAMES) {
    const reference = factories.facts(name)?.reference;
    if (reference === undefined) throw new Error(`the factory ${name} has no reference`);
    const checked = factories.checkBytes(
      name,
      `/etc/${reference.example.includes('\nschedule:') ? 'schedule' : 'system'}.d/${name}`,
      Buffer.from(reference.example),
    );
    expect(isLeft(checked) ? describeFactoryError(checked.left) : null).toBeNull();
    const { factory, config } = parse(reference.example);
    expect(factory).toBe(name);
    const known = reference.keys.map(({ name: key }) => key);
    expect(Object.keys(config).filter((key) => !known.includes(key))).toEqual([]);
    for (const { meaning } of reference.keys) expect(meaning).not.toBe('');
  }
});

test('a reference names exactly the keys that the codec knows, and which of them are needed', () => {
  for (const name of NAMES) {
    const reference = factories.facts(name)?.reference;
    const said = factories.checkBytes(name, '/x', Buffer.from('no-such-key: 1'));
    const words = isLeft(said) ? describeFactoryError(said.left) : '';
    const known = /unknown key; known keys are ([^;]*)/.exec(words)?.[1]?.split(', ') ?? [];
    expect([...known].sort()).toEqual(reference?.keys.map(({ name: key }) => key).sort());
    for (const { name: key, needed } of reference?.keys ?? []) {
      expect([key, words.includes(`; ${key}: `)]).toEqual([key, needed]);
    }
  }
});
