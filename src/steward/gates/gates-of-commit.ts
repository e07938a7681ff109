import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { registryFacts } from '../../planner/entries/registry-facts.js';
import { planGates } from '../../planner/plan-gates.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { PondError } from '../errors.js';
import { registryOfState } from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import type { CommitPlan } from '../shapes/call-reports.js';
import { discoverGates } from './discover-gates.js';

/**
 * The plan of the gates that a commit had to pass, computed again from the pond. What a gate changed counts as a change
 * of the commit. Runs and writes nothing.
 */
export const gatesOfCommit = (pond: Pond, txnSeq?: number): TE.TaskEither<PondError, CommitPlan> =>
  steps(async ({ run }) => {
    const seq = txnSeq ?? (await run(pond.tlog.head())).txnSeq;
    await run(pond.tlog.commitOf(seq));
    const after = await run(pond.tlog.snapshot(seq));
    const before = await run(pond.tlog.snapshot(seq - 1));
    const changes = await run(changesOf(after, seq));
    const entries = await run(discoverGates(pond, { before, after }, changes));
    const registry = await registryOfState(pond, before)();
    const plan = planGates({ changes, entries, registry: registryFacts(entries, registry) });
    return {
      txnSeq: seq,
      plan,
      changes,
      // It is not stored: it is what it is computed to be.
      recordedChecksum: plan.checksum,
      registryAsked: 'now',
      sources: new Map(
        entries.flatMap(({ path, content }) =>
          content._tag === 'Bytes' ? [[path, content.bytes] as const] : [],
        ),
      ),
    };
  });
