import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { userOfProcess } from '../../../src/adapters/node/node-host.js';

/** Somebody else on this machine. */
export const STRANGER = 4242;

/** Why no attacker of another user id can be run here; null where one can. */
export const whyNoAttacker = (): string | null =>
  userOfProcess()?.id === 0
    ? null
    : 'only root can run an attacker of another user id: run this test as root';

/** Rounds after which an attacker ends by himself. */
const ROUNDS = 400_000;

/**
 * What the attacker does again and again: `d` of a directory of his is a directory, then a symlink to the victim, then
 * the directory again; and whatever a plan keeps aside in that directory is exchanged for the victim, too.
 */
const EXCHANGING = `
const fs = require('node:fs');
const [base, victim, rounds] = process.argv.slice(1);
const attempt = (work) => { try { work(); return true; } catch { return false; } };
let exchanged = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  if (attempt(() => fs.renameSync(base + '/d', base + '/was'))) {
    attempt(() => fs.symlinkSync(victim, base + '/d'));
    exchanged += 1;
  }
  for (const name of fs.readdirSync(base)) {
    if (!name.startsWith('.pond-')) continue;
    if (attempt(() => fs.renameSync(base + '/' + name, base + '/taken-' + round))) {
      attempt(() => fs.symlinkSync(victim, base + '/' + name));
      setImmediate(() => undefined);
      attempt(() => fs.unlinkSync(base + '/' + name));
      attempt(() => fs.renameSync(base + '/taken-' + round, base + '/' + name));
    }
  }
  attempt(() => fs.unlinkSync(base + '/d'));
  attempt(() => fs.renameSync(base + '/was', base + '/d'));
  if (exchanged === 1) fs.writeSync(1, 'begun\\n');
}
`;

/**
 * The same for directories of a pond of his: each of the names is a directory, then a symlink to that name of the victim's, now for a
 * moment and now for longer.
 */
const EXCHANGING_NAMES = `
const fs = require('node:fs');
const [base, victim, rounds, ...names] = process.argv.slice(1);
const attempt = (work) => { try { work(); } catch {} };
for (let round = 0; round < Number(rounds); round += 1) {
  const name = base + '/' + names[round % names.length];
  const stay = (many) => { for (let at = 0; at < many; at += 1) attempt(() => fs.lstatSync(name)); };
  attempt(() => fs.renameSync(name, name + '.was'));
  attempt(() => fs.symlinkSync(victim + '/' + names[round % names.length], name));
  stay((round % 7) * 40);
  attempt(() => fs.unlinkSync(name));
  attempt(() => fs.renameSync(name + '.was', name));
  stay((round % 11) * 400);
  if (round === 1) fs.writeSync(1, 'begun\\n');
}
`;

export interface Attacker {
  /** Ends him, and waits for that. */
  readonly end: () => Promise<void>;
}

/** An attacker who exchanges `d` in `base`, which is his, for a symlink to `victim`; he has begun. */
export const attack = (base: string, victim: string): Promise<Attacker> =>
  begun(EXCHANGING, base, victim, String(ROUNDS));

/** An attacker who exchanges directories of his pond for symlinks to those of the victim's; he has begun. */
export const attackFromPond = (pond: string, victim: string, names: readonly string[]): Promise<Attacker> =>
  begun(EXCHANGING_NAMES, pond, victim, String(ROUNDS), ...names);

const begun = async (script: string, ...args: readonly string[]): Promise<Attacker> => {
  const child: ChildProcess = spawn(process.execPath, ['-e', script, ...args], {
    uid: STRANGER,
    gid: STRANGER,
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  if (child.stdout !== null) await once(child.stdout, 'data');
  return {
    end: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
