import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryPond, type MemoryPond } from '../src/memory-pond.js';
import { times } from '../test/support/times.js';

/*
 * Whatever is written through the pond's surface is refused by name or read back as it was, by whoever reads: the same
 * process, the next one, one after files were merged and a checkpoint was made, and the check.
 */

/** Any string there is, halves of surrogate pairs and NUL included. */
const anyText = fc
  .array(
    fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.constantFrom(0, 0x2f, 0x61, 0xd800, 0xdfff, 0xfeff)),
    {
      maxLength: 5,
    },
  )
  .map((units) => String.fromCharCode(...units));

/** Any number there is, and those at the edges of what is stored. */
const anyTime = fc.oneof(
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    -0,
    -1,
    2 ** 53,
    -(2 ** 53),
    2 ** 63 - 1024,
    2 ** 63,
    -(2 ** 63),
    253_402_300_800_000_000,
  ),
);

const written = fc.record({
  name: anyText,
  // A time is not told from the same one with the sign of a zero.
  min: fc.option(
    anyTime.map((time) => time + 0),
    { nil: null },
  ),
  span: fc.option(fc.oneof(fc.nat(), anyTime), { nil: null }),
  attributes: fc.option(
    fc.oneof(
      anyText,
      anyText.map((text) => JSON.stringify({ text })),
    ),
    { nil: null },
  ),
  target: anyText,
  factory: anyText,
  config: fc.uint8Array({ maxLength: 20 }),
  content: fc.uint8Array({ maxLength: 20 }),
});

type Written = typeof written extends fc.Arbitrary<infer A> ? A : never;

/** What is to be read, by path, of what was taken. */
type Expected = Map<string, Readonly<Record<string, unknown>>>;

const write = (pond: MemoryPond, index: number, one: Written): Promise<Expected> => {
  const expected: Expected = new Map();
  const { min, span, attributes, content } = one;
  const max = min === null || span === null ? null : min + span;
  return pond.promises
    .write(async ({ fs }) => {
      await fs.mkdirAll(`/${index}`);
      const trying = async (path: string, work: Promise<unknown>, as: Readonly<Record<string, unknown>>) => {
        const isTaken = await work.then(
          () => true,
          (error: unknown) => {
            expect(error).toHaveProperty('_tag');
            return false;
          },
        );
        if (isTaken) expected.set(path, as);
      };
      const bytes = Buffer.from(content);
      await trying(`/${index}/${one.name}`, fs.write(`/${index}/${one.name}`, bytes), { bytes });
      const timed = `/${index}-timed`;
      const options = { minEventTime: min, maxEventTime: max, attributes };
      await trying(timed, fs.write(timed, bytes, options), { bytes, ...options });
      await trying(`/${index}-link`, fs.symlink(one.target, `/${index}-link`), { target: one.target });
      const node = `/${index}-node`;
      const config = new Uint8Array(one.config);
      await trying(node, fs.createDynamicPath(node, 'file:dynamic', one.factory, config), {
        factory: one.factory,
        config,
      });
    })
    .then(() => expected);
};

const expectRead = (pond: MemoryPond, expected: Expected): Promise<void> =>
  pond.promises.read(async ({ fs }) => {
    for (const [path, as] of expected) {
      const entry = await fs.lstat(path);
      if ('target' in as) expect(await fs.readLink(path)).toBe(as.target);
      else if ('factory' in as) {
        expect(entry.factory).toBe(as.factory);
        expect(await fs.getDynamicNodeConfig(path)).toMatchObject({ config: as.config });
      } else expect(Buffer.from(await fs.readBytes(path)).equals(as.bytes as Buffer)).toBe(true);
      if (!('minEventTime' in as)) continue;
      const [version] = await fs.versions(path);
      expect(version).toMatchObject({
        // There is one zero in 64 bits.
        minEventTime: as.minEventTime === null ? null : Number(as.minEventTime) + 0,
        maxEventTime: as.maxEventTime === null ? null : Number(as.maxEventTime) + 0,
      });
    }
  });

test('whatever a write takes is read back as it was, by every reader', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(written, { minLength: 6, maxLength: 10 }), async (all) => {
      const pond = await createMemoryPond({ trust: 'all' });
      const expected: Expected = new Map();
      for (const [index, one] of all.entries())
        for (const [path, as] of await write(pond, index, one)) expected.set(path, as);
      await expectRead(pond, expected);
      const next = await pond.reopen();
      await expectRead(next, expected);
      for (let version = 0; version < 6; version += 1)
        await next.promises.write(({ fs }) => fs.write('/more', Buffer.from(String(version))));
      await next.promises.maintain();
      const last = await next.reopen();
      await expectRead(last, expected);
      expect((await last.promises.fsck()).findings).toEqual([]);
      await last.promises.close();
    }),
    times(8),
  );
});
