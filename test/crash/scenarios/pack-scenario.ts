import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { Steward } from '../../../src/index.js';
import { readEntryText } from '../../../src/tlogfs/log/entry-text.js';
import { tableLayout } from '../../../src/tlogfs/table-layout.js';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { namesIn } from '../machinery/delta-log.js';
import { pondIn } from '../machinery/invariants.js';
import { ask, askJson } from './asking.js';
import { plainPond } from './base-ponds.js';

/** Enough for entries that are worth packing, and a checkpoint behind them. */
const COMMITS = 60;

const PACK = { args: ['maintain', '--retention', '0s'], codes: [0] };

/** `pond maintain` on a pond whose old log entries it packs. */
export const packScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const base = join(folder, 'base-pack');
  const pond = await plainPond(base);
  const commits = await Steward.using(pond, (steward) => async () => {
    for (let commit = 2; commit <= COMMITS; commit += 1) {
      const landed = await steward.write(({ fs }) => fs.write('/in', Buffer.from(`${commit}`)))();
      if (landed._tag === 'Left') return landed;
    }
    return { _tag: 'Right' as const, right: undefined };
  })();
  if (commits._tag === 'Left') throw new Error(JSON.stringify(commits.left));
  const entries = namesIn(join(pond, 'data/_delta_log')).filter((name) => /^\d{20}\.json$/.test(name));
  const texts = entries.sort().map((name) => readFileSync(join(pond, 'data/_delta_log', name), 'utf8'));
  return {
    ponds,
    base,
    scratch: join(folder, 'pack'),
    ...PACK,
    expected: {
      files: { '/in': Buffer.from(`${COMMITS}`) },
      writes: {},
      txnSeq: COMMITS,
      tasks: {},
      mergedAway: 'may be gone',
    },
    andThen: (place) => faultsOfHistory(pondIn(place), texts),
  };
};

/** The next one packs what is left; each entry has the text that it was published with, and the history is whole. */
const faultsOfHistory = async (pond: string, texts: readonly string[]): Promise<readonly string[]> => {
  await askJson(pond, ...PACK.args);
  const layout = tableLayout(join(pond, 'data'));
  const changed = texts.flatMap((text, version) =>
    Buffer.from(readEntryText(nodeFileSystem, layout, version)).toString() === text
      ? []
      : [`entry ${version} reads otherwise`],
  );
  const first = await ask(pond, 'cat', '/in', '--at', '2');
  return [
    ...changed,
    ...(namesIn(layout.logDir).includes('00000000000000000000.json') ? ['nothing was packed'] : []),
    ...(first.out.toString() === '2' ? [] : [`the oldest state: ${first.err}`]),
  ];
};
