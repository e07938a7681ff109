import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { betterSqlite } from '../../../src/adapters/sqlite/better-sqlite.js';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn, tasksOf } from '../machinery/invariants.js';
import { recordsOf } from './asking.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** What is killed where failures are told and settled. */
export interface NoticeScenarios {
  /** A commit whose task fails, and whose notifier tells that. */
  readonly told: Scenario;
  /** Dismissing what had failed. */
  readonly dismissed: Scenario;
}

const NOTE = `echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"; `;

const CHECK = {
  factory: 'command',
  condition: { path_pattern: '/in/**' },
  config: { run: [`${NOTE}exit 1`], shell: true },
};

/** Writes the id of its notice where everybody can see it: it has been sent then. */
const TELL = {
  factory: 'command',
  condition: { path_pattern: '/in/**' },
  depends_on: ['10-check'],
  run_when: 'change',
  config: {
    run: [`${NOTE}grep -o '"id":"msg_[0-9a-f]*","of":"[a-z]*"' >> "$POND/../notices"`],
    shell: true,
  },
};

const watchedPond = async (base: string): Promise<string> => {
  const pond = await plainPond(base);
  for (const [name, config] of Object.entries({ '10-check': CHECK, '20-tell': TELL })) {
    await prepare(pond, ['mknod', 'command', `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  }
  return pond;
};

export const noticeScenarios = async (ponds: BuiltPonds, folder: string): Promise<NoticeScenarios> => {
  const small = await hostFile(join(folder, 'host-notices'), 'small.bin', bytes(100, 7));
  const told: Scenario = {
    ponds,
    base: join(folder, 'base-told'),
    scratch: join(folder, 'told'),
    args: ['copy', small.url, '/in/'],
    codes: [3],
    expected: {
      files: {},
      writes: { '/in/small.bin': small.content },
      txnSeq: 4,
      tasks: { '/etc/system.d/10-check': ['failed'], '/etc/system.d/20-tell': ['completed'] },
    },
    andThen: faultsOfNotices,
  };
  await watchedPond(told.base);

  const base = join(folder, 'base-dismissed');
  await prepare(await watchedPond(base), ['copy', small.url, '/in/'], 3);
  return {
    told,
    dismissed: {
      ponds,
      base,
      scratch: join(folder, 'dismissed'),
      args: ['control', 'dismiss', '4', '--reason', 'known'],
      codes: [0],
      expected: {
        files: { '/in/small.bin': small.content },
        writes: {},
        txnSeq: 4,
        tasks: { '/etc/system.d/10-check': ['dismissed'], '/etc/system.d/20-tell': ['completed'] },
      },
      rescue: () => [RECOVER, { args: ['control', 'dismiss', '4', '--reason', 'known'], codes: [0] }],
      andThen: (of) => Promise.resolve(faultsOfEpisodes(of, 'closed')),
    },
  };
};

/** The failure was told at least once, always under one id, and its episode is open. */
const faultsOfNotices = async (folder: string): Promise<readonly string[]> => {
  const landed = (await recordsOf(pondIn(folder))).some(
    ({ recordType, txnSeq }) => recordType === 'data_committed' && txnSeq === 4,
  );
  const path = join(folder, 'notices');
  const sent = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  const checked = [...tasksOf(await recordsOf(pondIn(folder))).values()].some(
    ([first]) => first?.configPath === '/etc/system.d/10-check',
  );
  if (!landed || !checked) return sent.length === 0 ? [] : [`told too early: ${sent}`];
  return [
    ...(new Set(sent).size === 1 ? [] : [`told as ${sent.join(', ')}`]),
    ...faultsOfEpisodes(folder, 'open'),
  ];
};

const faultsOfEpisodes = (folder: string, state: string): readonly string[] => {
  const opened = betterSqlite.open(join(pondIn(folder), 'control/control.db'), { create: false })();
  if (opened._tag === 'Left') return [JSON.stringify(opened.left)];
  const rows = opened.right.query('SELECT state, first_txn_seq FROM episodes')();
  opened.right.close();
  const found = JSON.stringify(rows._tag === 'Right' ? rows.right : rows.left);
  const wanted = JSON.stringify([{ state, first_txn_seq: 4 }]);
  return found === wanted ? [] : [`episodes are ${found}, not ${wanted}`];
};
