// A program that uses the library, for hours: it opens the pond once and makes one commit after another, and says of
// each that was acknowledged, as a line of JSON, which transaction it is and what became of its tasks. Arguments: the
// pond, the path that it writes, the first and the last commit, the length of the contents.

import { Steward } from '../../src/promises.js';
import { contentOf } from './contents.js';

const [directory = '', path = '', first = '1', last = '0', length = '0'] = process.argv.slice(2);
const generation = process.env.POND_TEST_GENERATION ?? '0';

const pond = await Steward.open(directory, { lockTimeoutMs: 600_000, cliArgs: ['writing-program', path] });
for (let commit = Number(first); commit <= Number(last); commit += 1) {
  const content = contentOf(path, commit, generation, Number(length));
  const outcome = await pond.write(({ fs }) => fs.write(path, content));
  const tasks = outcome._tag === 'Committed' ? outcome.tasks.map(({ state }) => state) : [];
  process.stdout.write(`${JSON.stringify({ commit, txn_seq: outcome.txnSeq, tasks })}\n`);
}
await pond.close();
