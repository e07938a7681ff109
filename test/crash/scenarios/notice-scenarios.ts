import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  /** The next commit, whose task completes, and whose notifier tells that it has recovered. */
  readonly recovered: Scenario;
  /** Dismissing what had failed. */
  readonly dismissed: Scenario;
}

const NOTE = `echo "$POND_TASK \${POND_ATTEMPT_ID##*/}" >> "$POND/../journal"; `;

const CHECK = {
  factory: 'command',
  condition: { path_pattern: '/in/**' },
  config: { run: [`${NOTE}[ ! -e "$POND/../broken" ]`], shell: true },
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

/** A pond whose check fails for as long as the file `broken` is beside it. */
const watchedPond = async (base: string): Promise<string> => {
  const pond = await plainPond(base);
  writeFileSync(join(base, 'broken'), '');
  for (const [name, config] of Object.entries({ '10-check': CHECK, '20-tell': TELL })) {
    await prepare(pond, ['mknod', 'command', `/etc/system.d/${name}`, '--config', JSON.stringify(config)]);
  }
  return pond;
};

export const noticeScenarios = async (ponds: BuiltPonds, folder: string): Promise<NoticeScenarios> => {
  const small = await hostFile(join(folder, 'host-notices'), 'small.bin', bytes(100, 7));
  const other = await hostFile(join(folder, 'host-notices'), 'other.bin', bytes(100, 8));
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
    andThen: (of) => faultsOfNotices(of, { txnSeq: 4, which: 'begins', episode: 'open' }),
  };
  await watchedPond(told.base);

  const recovered: Scenario = {
    ...told,
    base: join(folder, 'base-recovered'),
    scratch: join(folder, 'recovered'),
    codes: [0],
    expected: {
      ...told.expected,
      files: { '/in/other.bin': other.content },
      txnSeq: 5,
      tasks: { '/etc/system.d/10-check': ['completed'], '/etc/system.d/20-tell': ['completed'] },
    },
    andThen: (of) => faultsOfNotices(of, { txnSeq: 5, which: 'ends', episode: 'closed' }),
  };
  await prepare(await watchedPond(recovered.base), ['copy', other.url, '/in/'], 3);
  for (const name of ['broken', 'notices']) rmSync(join(recovered.base, name));

  const base = join(folder, 'base-dismissed');
  await prepare(await watchedPond(base), ['copy', small.url, '/in/'], 3);
  return {
    told,
    recovered,
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

interface Told {
  /** The commit whose outcome is told. */
  readonly txnSeq: number;
  readonly which: 'begins' | 'ends';
  /** State of the episode, begun by commit 4, after it. */
  readonly episode: 'open' | 'closed';
}

/** A change was told at least once, always under one id, and its episode is what it should be. */
const faultsOfNotices = async (
  folder: string,
  { txnSeq: told, which, episode }: Told,
): Promise<readonly string[]> => {
  const records = await recordsOf(pondIn(folder));
  const landed = records.some(({ recordType, txnSeq }) => recordType === 'data_committed' && txnSeq === told);
  const path = join(folder, 'notices');
  const sent = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  const checked = [...tasksOf(records).values()].some(
    ([first]) => first?.configPath === '/etc/system.d/10-check' && first.parentTxnSeq === told,
  );
  if (!landed || !checked) return sent.length === 0 ? [] : [`told too early: ${sent}`];
  return [
    ...(new Set(sent).size === 1 && sent[0]?.includes(`"of":"${which}"`)
      ? []
      : [`told as ${sent.join(', ')}`]),
    ...faultsOfEpisodes(folder, episode),
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
