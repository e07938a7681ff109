import { expect, it } from 'vitest';
import { ancestryByPs, ancestryOf } from '../../src/adapters/node/own-process/ancestry.js';

it('begins with the process itself, then its parent, and ends where the system tells no more', () => {
  const [own, parent] = ancestryOf(process.pid);
  expect([own?.pid, parent?.pid]).toEqual([process.pid, process.ppid]);
});

it('of a process that is not there is empty', () => {
  expect(ancestryOf(2_000_000_000)).toEqual([]);
});

it('has the same processes and groups where there is only ps', () => {
  expect(ancestryByPs(process.pid)).toEqual(ancestryOf(process.pid));
});
