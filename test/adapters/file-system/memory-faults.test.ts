import { expect, test } from 'vitest';
import {
  cutPowerAt,
  type FaultRule,
  failAt,
  type MemoryCall,
  PowerCut,
} from '../../../src/adapters/memory/file-system/faults.js';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { bytes, done, refused, refusedAsync } from './outcomes.js';
import { treeOf } from './tree.js';

const withFault = (fault: FaultRule) => createMemoryFileSystem({ now: () => 0, fault });

const PLAIN = { mode: 0o644, fsync: true };

test('the n-th call fails with the given error, once', () => {
  const { files, calls } = withFault(failAt(3, 'EIO'));
  done(files.symlink('x', '/a'));
  done(files.symlink('x', '/b'));
  refused(files.symlink('x', '/c'), 'EIO', '/c');
  done(files.symlink('x', '/c'));
  expect(calls()).toBe(4);
});

test('a rule sees every system call with its paths', () => {
  const seen: MemoryCall[] = [];
  const { files } = withFault((call) => {
    seen.push(call);
    return null;
  });
  done(files.createFile('/a', bytes('x'), PLAIN));
  done(files.rename('/a', '/b'));
  expect(seen.map(({ count, call, paths }) => [count, call, ...paths])).toEqual([
    [1, 'open', '/a'],
    [2, 'write', '/a'],
    [3, 'fchmod', '/a'],
    [4, 'fsync', '/a'],
    [5, 'rename', '/a', '/b'],
  ]);
});

test('a rule chooses by call and path', () => {
  const { files } = withFault(({ call, paths }) =>
    call === 'rename' && paths[1]?.startsWith('/full/') === true ? 'ENOSPC' : null,
  );
  done(files.writeNewFile('/a', bytes('x')));
  done(files.makeDirectory('/full', 0o755));
  refused(files.rename('/a', '/full/a'), 'ENOSPC', '/a');
  done(files.rename('/a', '/b'));
});

test('a call that fails at any of its steps leaves nothing of its own', async () => {
  for (let count = 1; count <= 9; count += 1) {
    const { files, onlooker } = withFault(failAt(count, 'ENOSPC'));
    done(onlooker.writeNewFile('/source', bytes('x')));
    const before = treeOf(onlooker, '/');
    const attempts = [
      () => files.createFile('/new', bytes('x'), PLAIN)(),
      () => files.copyFile('/source', '/new', PLAIN)(),
      () => files.makeDirectory('/new', 0o777)(),
    ];
    for (const attempt of attempts) {
      const outcome = await attempt();
      if (outcome._tag === 'Left') expect(treeOf(onlooker, '/')).toEqual(before);
      onlooker.removeFile('/new')();
      onlooker.removeDirectory('/new')();
    }
  }
});

test('a stream that cannot be written is refused, and its half is gone', async () => {
  const { files, onlooker } = withFault(failAt(3, 'ENOSPC'));
  const twice = async function* () {
    yield bytes('one');
    yield bytes('two');
  };
  await refusedAsync(files.streamToNewFile('/a', twice()), 'ENOSPC', '/a');
  expect(done(onlooker.readDirectory('/'))).toEqual([]);
});

test('without power nothing has an effect, and nothing is taken for an error of the filesystem', async () => {
  const { files, onlooker } = withFault(cutPowerAt(3));
  expect(() => files.writeNewFile('/a', bytes('x'))()).toThrow(PowerCut);
  // Opened and written, not fsynced, and not removed either.
  expect(treeOf(onlooker, '/a')).toMatchObject([{ kind: 'file', digest: expect.any(String) }]);
  expect(() => files.removeFile('/a')()).toThrow(PowerCut);
  await expect(files.copyFile('/a', '/b', PLAIN)()).rejects.toThrow(PowerCut);
  expect(done(onlooker.readDirectory('/'))).toEqual(['a']);
});

test('looking on neither counts nor fails', () => {
  const { onlooker, calls } = withFault(() => 'EIO');
  done(onlooker.writeNewFile('/a', bytes('x')));
  done(onlooker.lstat('/a'));
  expect(calls()).toBe(0);
});
