import { describe, expect, it } from 'vitest';
import { failAt } from '../../../src/adapters/memory/file-system/faults.js';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { uuidIds } from '../../../src/adapters/node/uuid-ids.js';
import { sha256 } from '../../../src/domain/documents/sha256.js';
import { type CacheBounds, resultCache } from '../../../src/factories/built-in/derived/result-cache.js';

const key = (of: number) => sha256(String(of));
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

const sealAs = (user: string) => (text: string) => sha256(`${user}\n${text}`);

const cacheWith = (bounds?: CacheBounds) => {
  const { clock, advance } = settableClock(1_000_000);
  const disk = createMemoryFileSystem({ now: clock.nowMicros });
  const { files } = disk;
  files.makeDirectories('/pond/control')();
  const names = (): readonly string[] => {
    const found = files.readDirectory('/pond/control/derived')();
    return found._tag === 'Right' ? found.right : [];
  };
  return {
    advance,
    files,
    names,
    cache: resultCache({ files, ids: uuidIds, clock, seal: sealAs('me') }, '/pond/control/derived', bounds),
  };
};

const textOf = (found: Uint8Array | null) => (found === null ? null : Buffer.from(found).toString());

describe('results that are kept', () => {
  it('are found by their key, the newest one only', () => {
    const { cache, names } = cacheWith();
    expect(cache.read(key(1))).toBeNull();
    cache.keep(key(1), bytes('one'));
    cache.keep(key(2), bytes('two'));
    cache.keep(key(1), bytes('three'));
    expect([1, 2, 3].map((of) => textOf(cache.read(key(of))))).toEqual(['three', 'two', null]);
    expect(names()).toHaveLength(2);
  });

  it('are not believed when their bytes are others than were kept', () => {
    const { cache, files, names } = cacheWith();
    cache.keep(key(1), bytes('one'));
    const [name = ''] = names();
    files.remove(`/pond/control/derived/${name}`)();
    files.writeNewFile(`/pond/control/derived/${name}`, bytes('on'))();
    expect(cache.read(key(1))).toBeNull();
    expect(names()).toEqual([]);
  });

  it('stay within their bounds, the oldest going first, and what a killed process left half written goes in time', async () => {
    const { cache, advance, files, names } = cacheWith({ bytes: 10, files: 3 });
    files.makeDirectories('/pond/control/derived')();
    const unfinished = `unfinished-${uuidIds.uuidV7()}`;
    files.writeNewFile(`/pond/control/derived/${unfinished}`, bytes('half'))();
    for (let of = 0; of < 5; of += 1) {
      await advance(1);
      cache.keep(key(of), bytes('abcd'));
    }
    expect([0, 1, 2, 3, 4].map((of) => textOf(cache.read(key(of))))).toEqual([
      null,
      null,
      null,
      'abcd',
      'abcd',
    ]);
    expect(names()).toContain(unfinished);
    cache.keep(key(9), bytes('more than is kept'));
    expect(cache.read(key(9))).toBeNull();
    await advance(3_600_001);
    cache.keep(key(5), bytes('abcd'));
    expect(names()).not.toContain(unfinished);
  });

  it('are whole or not there, whichever call fails while they are written or read', () => {
    for (let count = 1; count < 60; count += 1) {
      const disk = createMemoryFileSystem({ fault: failAt(count, 'EIO') });
      const { clock } = settableClock(1_000_000);
      const cache = resultCache({ files: disk.files, ids: uuidIds, clock, seal: sealAs('me') }, '/derived');
      for (const text of ['one', 'two']) {
        cache.keep(key(1), bytes(text));
        expect([null, 'one', 'two']).toContain(textOf(cache.read(key(1))));
      }
    }
    const nothing = createMemoryFileSystem({ fault: () => 'EROFS' });
    const cache = resultCache(
      { files: nothing.files, ids: uuidIds, clock: settableClock().clock, seal: sealAs('me') },
      '/derived',
    );
    cache.keep(key(1), bytes('one'));
    expect(cache.read(key(1))).toBeNull();
  });

  it('are of one user: what another one kept, or somebody forged, is not believed, and each has their own', () => {
    const { cache, files, names } = cacheWith();
    const directory = '/pond/control/derived';
    const { clock } = settableClock(1_000_000);
    const other = resultCache({ files, ids: uuidIds, clock, seal: sealAs('other') }, directory);
    other.keep(key(1), bytes('forged'));
    expect(cache.read(key(1))).toBeNull();
    cache.keep(key(1), bytes('mine'));
    expect([textOf(cache.read(key(1))), textOf(other.read(key(1)))]).toEqual(['mine', 'forged']);
    const [mine = ''] = names().filter((name) =>
      name.startsWith(sealAs('me')(`["derived-key","${key(1)}"]`)),
    );
    files.remove(`${directory}/${mine}`)();
    for (const name of [`${key(1)}-${sha256('forged')}`, `${mine.slice(0, 64)}-${sha256('forged')}`]) {
      files.writeNewFile(`${directory}/${name}`, bytes('forged'))();
    }
    expect(cache.read(key(1))).toBeNull();
  });

  it('are not kept, nor believed, where no key can be', () => {
    const { files, names } = cacheWith();
    const { clock } = settableClock(1_000_000);
    const keyless = resultCache({ files, ids: uuidIds, clock, seal: () => null }, '/pond/control/derived');
    keyless.keep(key(1), bytes('one'));
    expect([keyless.read(key(1)), names()]).toEqual([null, []]);
  });
});
