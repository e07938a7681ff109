// What every store promises; each implementation runs this suite.

import { isRight } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ObjectStore } from '../../src/ports/object-store.js';

const { signal } = new AbortController();
const MIB = 1024 * 1024;

const outcomeOf = async <E, A>(work: TaskEither<E, A>): Promise<A> => {
  const outcome = await work();
  if (isRight(outcome)) return outcome.right;
  throw new Error(JSON.stringify(outcome.left));
};

const errorOf = async <E, A>(work: TaskEither<E, A>): Promise<E> => {
  const outcome = await work();
  if (isRight(outcome)) throw new Error('it succeeded');
  return outcome.left;
};

const text = (content: Uint8Array): string => Buffer.from(content).toString();

export interface OpenedStore {
  readonly store: ObjectStore;
  readonly stop: () => Promise<void>;
}

export const guaranteesOf = (name: string, open: () => Promise<OpenedStore>): void => {
  describe(`a store: ${name}`, () => {
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.stop());
    const put = (key: string, content: string) =>
      opened.store.put({ key, content: Buffer.from(content) }, signal);

    test('what was put is found whole, in part, by its head, and under a key with any characters', async () => {
      const key = 'a folder/ü & "name"+%25.csv';
      const { etag } = await outcomeOf(put(key, 'hello world'));
      const whole = await outcomeOf(opened.store.get({ key }, signal));
      expect(text(whole.content)).toBe('hello world');
      expect(whole.etag).toBe(etag);
      const part = await outcomeOf(opened.store.get({ key, range: { offset: 6, length: 3 } }, signal));
      expect(text(part.content)).toBe('wor');
      const into = Buffer.from('......');
      const range = { offset: 6, length: 5 };
      const inRoom = await outcomeOf(opened.store.get({ key, range, into, maxBytes: 5 }, signal));
      expect(text(inRoom.content)).toBe('world');
      expect(['......', 'world.']).toContain(text(into));
      const head = await outcomeOf(opened.store.head(key, signal));
      expect(head).toMatchObject({ key, size: 11, etag });
    });

    test('of an object that is longer than what is asked for nothing is given', async () => {
      await outcomeOf(put('longer', 'hello world'));
      const error = await errorOf(opened.store.get({ key: 'longer', maxBytes: 10 }, signal));
      expect(error).toMatchObject({ _tag: 'StoreFailed', code: 'TOO_LARGE', isTransient: false });
      const whole = await outcomeOf(opened.store.get({ key: 'longer', maxBytes: 11 }, signal));
      expect(text(whole.content)).toBe('hello world');
    });

    test('what is not there is missing, and removing it is fine', async () => {
      const missing = { _tag: 'ObjectMissing', key: 'nothing' };
      expect(await errorOf(opened.store.get({ key: 'nothing' }, signal))).toMatchObject(missing);
      expect(await errorOf(opened.store.head('nothing', signal))).toMatchObject(missing);
      await outcomeOf(opened.store.delete('nothing', signal));
    });

    test('of many who put one new object at once exactly one succeeds, and its content stays', async () => {
      const racers = await Promise.all(
        Array.from({ length: 16 }, (_, racer) =>
          opened.store.put(
            { key: 'race/1', content: Buffer.from(`racer ${racer}`), condition: { _tag: 'Absent' } },
            new AbortController().signal,
          )(),
        ),
      );
      const winners = racers.flatMap((outcome, racer) => (isRight(outcome) ? [racer] : []));
      expect(winners).toHaveLength(1);
      for (const outcome of racers) {
        if (!isRight(outcome)) expect(outcome.left._tag).toBe('ConditionFailed');
      }
      const { content } = await outcomeOf(opened.store.get({ key: 'race/1' }, signal));
      expect(text(content)).toBe(`racer ${winners[0]}`);
    });

    test('an object is replaced on condition only while it is what its replacer has seen', async () => {
      const { etag } = await outcomeOf(put('current.json', '{"commit":1}'));
      const replace = (content: string, seen: string) =>
        opened.store.put(
          {
            key: 'current.json',
            content: Buffer.from(content),
            condition: { _tag: 'Unchanged', etag: seen },
          },
          signal,
        );
      const next = await outcomeOf(replace('{"commit":22}', etag));
      expect(next.etag).not.toBe(etag);
      expect((await errorOf(replace('{"commit":333}', etag)))._tag).toBe('ConditionFailed');
      const { content } = await outcomeOf(opened.store.get({ key: 'current.json' }, signal));
      expect(text(content)).toBe('{"commit":22}');
    });

    test('a list has the keys of a prefix after a key, in the order of their bytes', async () => {
      const keys = ['list/b/2', 'list/b-1', 'list/a', 'list/b/1', 'list/c', 'lister'];
      for (const key of keys) await outcomeOf(put(key, key));
      const listed = async (after?: string) =>
        (
          await outcomeOf(
            opened.store.list({ prefix: 'list/', ...(after === undefined ? {} : { after }) }, signal),
          )
        ).objects.map(({ key }) => key);
      expect(await listed()).toEqual(['list/a', 'list/b-1', 'list/b/1', 'list/b/2', 'list/c']);
      expect(await listed('list/b/1')).toEqual(['list/b/2', 'list/c']);
      const { objects } = await outcomeOf(opened.store.list({ prefix: 'list/b/1' }, signal));
      const head = await outcomeOf(opened.store.head('list/b/1', signal));
      expect(objects).toEqual([{ ...head, modifiedAt: objects[0]?.modifiedAt }]);
    });

    test('an object that is removed is gone from all that asks for it', async () => {
      await outcomeOf(put('gone/1', 'x'));
      await outcomeOf(opened.store.delete('gone/1', signal));
      expect((await outcomeOf(opened.store.list({ prefix: 'gone/' }, signal))).objects).toEqual([]);
      expect((await errorOf(opened.store.get({ key: 'gone/1' }, signal)))._tag).toBe('ObjectMissing');
    });

    test('what is sent in parts is there only when it is completed, and its parts are known to others before', async () => {
      const { uploads } = opened.store;
      const parts = [Buffer.alloc(5 * MIB, 'a'), Buffer.alloc(7, 'b')];
      const upload = await outcomeOf(uploads.begin({ key: 'large/1' }, signal));
      const second = await outcomeOf(
        uploads.put(upload, { number: 2, content: parts[1] ?? Buffer.alloc(0) }, signal),
      );
      const first = await outcomeOf(
        uploads.put(upload, { number: 1, content: parts[0] ?? Buffer.alloc(0) }, signal),
      );
      expect((await errorOf(opened.store.head('large/1', signal)))._tag).toBe('ObjectMissing');
      expect((await outcomeOf(opened.store.list({ prefix: 'large/' }, signal))).objects).toEqual([]);

      const [found] = await outcomeOf(uploads.unfinished('large/1', signal));
      if (found === undefined) throw new Error('no unfinished upload was found');
      const known = await outcomeOf(uploads.parts(found, signal));
      expect(known.map(({ number, size }) => [number, size]).sort()).toEqual([
        [1, 5 * MIB],
        [2, 7],
      ]);
      await outcomeOf(uploads.complete(found, [first, second], null, signal));
      const { content } = await outcomeOf(opened.store.get({ key: 'large/1' }, signal));
      expect(Buffer.compare(content, Buffer.concat(parts))).toBe(0);
      expect(await outcomeOf(uploads.unfinished('large/1', signal))).toEqual([]);
    });

    test('an upload that is given up leaves nothing', async () => {
      const { uploads } = opened.store;
      const upload = await outcomeOf(uploads.begin({ key: 'large/2' }, signal));
      await outcomeOf(uploads.put(upload, { number: 1, content: Buffer.from('x') }, signal));
      await outcomeOf(uploads.abort(upload, signal));
      expect(await outcomeOf(uploads.unfinished('large/2', signal))).toEqual([]);
      expect((await errorOf(opened.store.head('large/2', signal)))._tag).toBe('ObjectMissing');
    });
  });
};
