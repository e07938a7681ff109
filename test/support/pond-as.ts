import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { builtExecutable, type PondResult } from './pond-cli.js';

/** Whether the tests may act as other users: in CI they run as root. */
export const isRoot = process.getuid?.() === 0;

/** A user of this machine in a test. */
export interface Somebody {
  /** Null: the user who runs the tests, under whom somebody else is played by another home. */
  readonly id: number | null;
  readonly home: string;
}

/**
 * Somebody with a home of their own, whose files are theirs. Not as root, `id` is of no effect: then the home alone, and
 * with it what is approved, is somebody else's.
 */
export const somebody = (id: number): Somebody => {
  const home = mkdtempSync(join(tmpdir(), `pond-home-${id}-`));
  if (isRoot) chownSync(home, id, id);
  chmodSync(home, 0o755);
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return { id: isRoot ? id : null, home };
};

/** The user who runs the tests, in a home where nothing is approved. */
export const newcomer = (): Somebody => {
  const home = mkdtempSync(join(tmpdir(), 'pond-home-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  return { id: null, home };
};

/** A directory in somebody's home, which is theirs. */
export const directoryOf = ({ id, home }: Somebody, name: string): string => {
  const path = join(home, name);
  mkdirSync(path);
  if (id !== null) chownSync(path, id, id);
  return path;
};

/** The environment of somebody's cron job: a home, a path, and what is given. */
export const environmentOf = (
  { home }: Somebody,
  pond: string,
  env: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> => ({ PATH: process.env.PATH ?? '', HOME: home, POND: pond, ...env });

/** Runs `pond` as somebody, in a process, to its end. */
export const pondAs = (
  who: Somebody,
  pond: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): PondResult => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtExecutable(), ...args], {
    ...(who.id === null ? {} : { uid: who.id, gid: who.id }),
    cwd: '/',
    encoding: 'utf8',
    input: '',
    env: environmentOf(who, pond, env),
  });
  return { code: status, stdout, stderr };
};
