// The examples of the pages about places outside are run as they stand, with a directory in the place of the bucket.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRight } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { createMemoryPond } from '../../src/memory-pond.js';

const pages = join(import.meta.dirname, '../../docs/factories');

const exampleOf = (name: string): string =>
  /```yaml\n(.*?)```/s.exec(readFileSync(join(pages, `${name}.md`), 'utf8'))?.[1] ?? '';

const keysOf = (name: string): readonly string[] =>
  [...readFileSync(join(pages, `${name}.md`), 'utf8').matchAll(/^\| (`[^|]*`) \|/gm)].flatMap(
    ([, cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, key = '']) => key),
  );

test.each(['replication-manager', 's3-export'])(
  'the page of %s has every key, and an example that does what it says',
  async (name) => {
    const pond = await createMemoryPond();
    const factories = await pond.promises.factories();
    const known = factories.list().find((factory) => factory.name === name)?.reference?.keys ?? [];
    expect(known.length).toBeGreaterThan(0);
    expect(known.map((key) => key.name).filter((key) => !keysOf(name).includes(key))).toEqual([]);
    await pond.promises.addRemote('backup', { url: 'file:///bucket/pond' });
    const yaml = exampleOf(name).replace('s3://my-bucket', 'file:///bucket');
    await pond.promises.write(async ({ fs }) => {
      await fs.write('/etc/system.d/50-example.yaml', Buffer.from(yaml));
      await fs.mkdirAll('/site');
    });
    const outcome = await pond.promises.write(({ fs }) =>
      fs.write('/site/index.html', Buffer.from('<p>hello')),
    );
    expect(outcome).toMatchObject({ tasks: [{ factoryName: name, state: 'completed' }] });
    const found =
      name === 's3-export' ? '/bucket/site/index.html' : '/bucket/pond/_delta_log/00000000000000000003.json';
    expect([found, isRight(pond.disk.onlooker.stat(found)())]).toEqual([found, true]);
  },
);
