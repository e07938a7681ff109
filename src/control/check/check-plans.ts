import * as t from 'io-ts';
import { sha256 } from '../../domain/documents/sha256.js';
import { decodeRow } from '../store/control-store.js';
import type { ReadAtOnce } from '../store/control-transaction.js';
import type { ControlFinding } from './control-finding.js';
import type { Beside } from './control-snapshot.js';

const PlanRow = t.type({ checksum: t.string, plan: t.string });

export interface CheckedPlans {
  readonly findings: readonly ControlFinding[];
  /** The text of each plan that is sound, by checksum. */
  readonly sound: ReadonlyMap<string, string>;
  readonly count: number;
}

/** Every stored plan has its checksum, and every commit's plan is stored. */
export const checkPlans = (read: ReadAtOnce, { commitPlans }: Beside): CheckedPlans => {
  const findings: ControlFinding[] = [];
  const sound = new Map<string, string>();
  const checksums = read('SELECT checksum FROM plans ORDER BY checksum').map(({ checksum }) => checksum);
  for (const checksum of checksums) {
    const [row] = read('SELECT checksum, plan FROM plans WHERE checksum = @checksum', {
      checksum: checksum ?? null,
    });
    // A plan is stored as the text that is hashed: its canonical JSON.
    const stored = decodeRow(PlanRow, row);
    const found = sha256(stored.plan);
    if (found === stored.checksum) sound.set(stored.checksum, stored.plan);
    else {
      findings.push({
        _tag: 'PlanDamaged',
        checksum: stored.checksum,
        problem: `its checksum is ${found}`,
      });
    }
  }
  const known = new Set(checksums);
  for (const { txn_seq: txnSeq, checksum } of commitPlans) {
    if (!known.has(checksum)) findings.push({ _tag: 'PlanMissing', txnSeq, checksum });
  }
  return { findings, sound, count: checksums.length };
};
