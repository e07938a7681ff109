import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sha256 } from '../../../src/domain/documents/sha256.js';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import { RECOVER, type Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { ask, askJson } from './asking.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** `pond maintain` on a pond with everything that it removes. */
export interface MaintainScenarios {
  readonly maintain: Scenario;
  /** The same where the newest checkpoint is wrong, and is made again; whoever is interrupted at that repeats it. */
  readonly maintainRepairs: Scenario;
}

/** Removes files of whatever age. */
const MAINTAIN = { args: ['maintain', '--retention', '0s'], codes: [0] };

/** Enough for two checkpoints, and for files that were merged away. */
const COMMITS = 24;

const UNUSED_ID = '01890a5d-ac96-774b-bcce-b302099a8057';

export const maintainScenarios = async (ponds: BuiltPonds, folder: string): Promise<MaintainScenarios> => {
  const sound = await maintainScenario(ponds, folder, 'maintain');
  const wrong = await maintainScenario(ponds, folder, 'maintain-repairs');
  await writeFile(join(pondIn(wrong.base), 'data/_delta_log/_last_checkpoint'), '{');
  return { maintain: sound, maintainRepairs: { ...wrong, rescue: () => [MAINTAIN, RECOVER] } };
};

const maintainScenario = async (ponds: BuiltPonds, folder: string, name: string): Promise<Scenario> => {
  const base = join(folder, `base-${name}`);
  const pond = await plainPond(base);
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  const blob = await hostFile(join(folder, 'host'), 'old-blob.bin', bytes(70_000, 2));
  await prepare(pond, ['copy', old.url, blob.url, '/old/']);
  for (let commit = 3; commit <= COMMITS; commit += 1) {
    await prepare(pond, ['copy', old.url, `/crowd/${commit}`]);
  }
  // Reads are recorded, and their records removed.
  await prepare(pond, ['cat', '/old/old.bin']);
  await plantLeftovers(pond);
  return {
    ponds,
    base,
    scratch: join(folder, name),
    ...MAINTAIN,
    expected: {
      files: { '/old/old.bin': old.content, '/old/old-blob.bin': blob.content, '/crowd/3': old.content },
      writes: { [`/crowd/${COMMITS}`]: old.content },
      txnSeq: COMMITS,
      tasks: {},
      mergedAway: 'may be gone',
    },
    andThen: faultsOfNextMaintenance,
  };
};

/** What writes leave that die before their commit point. */
const plantLeftovers = async (pond: string): Promise<void> => {
  const digest = sha256('nobody');
  for (const name of [
    `_blobs/sha256/${digest.slice(0, 2)}/${digest}`,
    `part-${UNUSED_ID}.parquet`,
    `_staging/${UNUSED_ID}-1.blob`,
  ]) {
    await mkdir(dirname(join(pond, 'data', name)), { recursive: true });
    await writeFile(join(pond, 'data', name), 'left');
  }
};

/** The next one removes what an interrupted one had not removed yet, and the one after it finds nothing to do. */
const faultsOfNextMaintenance = async (folder: string): Promise<readonly string[]> => {
  const pond = pondIn(folder);
  await askJson(pond, ...MAINTAIN.args);
  const again = await askJson(pond, ...MAINTAIN.args);
  const { checked, content_root } = (await askJson(pond, 'fsck')) as {
    checked: Record<string, number>;
    content_root: string | null;
  };
  const { out } = await ask(pond, ...MAINTAIN.args);
  return [
    ...(out.toString() === 'nothing to do\n'
      ? []
      : [`there is still something to do: ${JSON.stringify(again)}`]),
    ...(checked.merged_away_files === 0 && checked.checkpoints === 1
      ? []
      : [`left over: ${JSON.stringify(checked)}`]),
    ...(content_root === null ? ['there is no content root'] : []),
  ];
};
