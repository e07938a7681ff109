import type { HostFileSystem } from '../../ports/file-system.js';
import type { HostStep } from '../steps/host-step.js';
import type { Neighbours } from './check-operation.js';
import { createHostScene, type HostScene, type StagingPlaces } from './host-scene.js';

/** Scenes in which a plan's operations are asked for their steps: one for all that are asked before the next one is executed. */
export interface HostScenes {
  readonly now: () => HostScene;
  /** Steps are going to be done: directories that they make count as the plan's own from now on. */
  readonly intend: (steps: readonly HostStep[]) => void;
  /** An operation is executed: what is asked for after it sees another scene. */
  readonly executing: () => void;
}

/** Scenes of one plan, whose staging directories are numbered through all of them. */
export const hostScenes = (
  files: HostFileSystem,
  { user }: Neighbours,
  staging: Pick<StagingPlaces, 'name' | 'avoided'>,
): HostScenes => {
  const made = new Set<string>();
  let number = 0;
  const nextNumber = (): number => {
    number += 1;
    return number;
  };
  let scene: HostScene | null = null;
  return {
    now: () => {
      scene ??= createHostScene(files, { ...staging, made, nextNumber }, user);
      return scene;
    },
    intend: (steps) => {
      for (const step of steps) if (step.step === 'MakeDirectory') made.add(step.path);
    },
    executing: () => {
      scene = null;
    },
  };
};
