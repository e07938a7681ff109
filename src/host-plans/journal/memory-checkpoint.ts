import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { HostStep } from '../steps/host-step.js';
import { cleanStaging, failuresOf } from './clean-staging.js';
import { type HostCheckpoint, stagingNameOf } from './host-checkpoint.js';

/** A checkpoint that lasts as long as the process: for tests, and for who needs no recovery. */
export interface MemoryCheckpoint extends HostCheckpoint {
  /** Ids of the operations whose intents it was given, in order. */
  readonly intended: readonly string[];
  readonly end: () => 'executed' | 'rolled_back' | 'incomplete' | null;
}

export const createMemoryCheckpoint = (files: HostFileSystem, id: string): MemoryCheckpoint => {
  const intended: string[] = [];
  const stepsOf = new Map<string, readonly HostStep[]>();
  let end: ReturnType<MemoryCheckpoint['end']> = null;
  return {
    id,
    stagingName: stagingNameOf(id),
    intended,
    end: () => end,
    noteMade: () => undefined,
    create: () => TE.right(undefined),
    intend: (intents) => {
      for (const { operation, undo } of intents) {
        intended.push(operation.id);
        stepsOf.set(operation.id, undo.steps);
      }
      return TE.right(undefined);
    },
    undone: () => right(undefined),
    settle: (how) => {
      const kept = new Set(how._tag === 'Incomplete' ? how.failures.map(({ operation }) => operation) : []);
      const leftOver = cleanStaging(
        files,
        [...stepsOf].flatMap(([id, steps]) => (kept.has(id) ? [] : [{ id, steps }])),
      );
      end = ({ Executed: 'executed', RolledBack: 'rolled_back', Incomplete: 'incomplete' } as const)[
        how._tag
      ];
      return TE.right(failuresOf(leftOver));
    },
  };
};
