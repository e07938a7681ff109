import { describe, expect, test } from 'vitest';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { fileSystemSuite } from './file-system-suite.js';
import { memoryTrial } from './file-systems.js';
import { bytes, done, refused } from './outcomes.js';

fileSystemSuite('the memory filesystem', memoryTrial());

// Mounting needs a machine of one's own, and so does choosing its clock and umask.
describe('the memory filesystem alone', () => {
  test('its mount points can be neither removed nor renamed nor replaced', () => {
    const { files } = createMemoryFileSystem({ now: () => 0, mounts: ['/mnt/a', '/mnt/a/b'] });
    refused(files.removeDirectory('/mnt/a/b'), 'EBUSY', '/mnt/a/b');
    refused(files.rename('/mnt/a/b', '/mnt/a/c'), 'EBUSY', '/mnt/a/b');
    done(files.makeDirectory('/mnt/a/d', 0o755));
    refused(files.rename('/mnt/a/d', '/mnt/a/b'), 'EBUSY', '/mnt/a/d');
    refused(files.removeDirectory('/'), 'EBUSY', '/');
    refused(files.rename('/', '/x'), 'EBUSY', '/');
    const devices = ['/', '/mnt', '/mnt/a', '/mnt/a/b'].map((path) => done(files.lstat(path)).device);
    expect(new Set(devices).size).toBe(3);
  });

  test('its times are those of the given clock, its modes those of the given umask', () => {
    let time = 5;
    const { files } = createMemoryFileSystem({ now: () => time, umask: 0o077 });
    done(files.writeNewFile('/a', bytes('x')));
    time = 7;
    done(files.makeDirectories('/d'));
    expect(done(files.lstat('/a'))).toMatchObject({ modifiedAt: 5, mode: 0o600 });
    expect(done(files.lstat('/d'))).toMatchObject({ modifiedAt: 7, mode: 0o700 });
    expect(done(files.lstat('/')).modifiedAt).toBe(7);
  });

  test('a path without a root is a fault of the program', () => {
    const { files } = createMemoryFileSystem({ now: () => 0 });
    expect(() => files.readFile('a')()).toThrow('no working directory');
  });
});
