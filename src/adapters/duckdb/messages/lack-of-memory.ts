import { basename, dirname } from 'node:path';
import type { QueryBounds, QueryFailed } from '../../../ports/query-engine.js';
import { TEMPORARY_FILES } from './engine-messages.js';

/** The engine's message about what it may not, or cannot, have more of, in our words; null where a message is about something else. */
export const lackOf = (
  message: string,
  { workspace, memoryLimit }: Pick<QueryBounds, 'workspace' | 'memoryLimit'>,
): QueryFailed | null => {
  const [, offloaded] = NO_ROOM.exec(message) ?? [];
  if (offloaded !== undefined || NO_SPACE.test(message)) {
    const space = isOfPond(workspace) ? OF_POND : OF_SYSTEM;
    const held = offloaded === undefined ? '' : ` (${offloaded} are there)`;
    return {
      _tag: 'QueryFailed',
      message: `what does not fit into ${memoryLimit} of memory goes to temporary files ${space.where}, and there is no room for more${held}`,
      remedy: `${space.remedy}; or ask for less at once`,
      lacks: 'space',
    };
  }
  const [, needed] = NO_MEMORY.exec(message) ?? [];
  return needed === undefined
    ? null
    : {
        _tag: 'QueryFailed',
        message: `it needs more memory than the ${memoryLimit} that it may use (${needed})`,
        remedy:
          'ask for less at once: fewer rows or columns, or shorter lists; pond sql, cat and diff take --memory-limit 4GB',
        lacks: 'memory',
      };
};

const NO_ROOM = /^Out of Memory Error: failed to offload data block of size [^(]*(?:\(([^/)]*)\/[^)]*\))?/;
/** A full disk is that of its temporary files where one of these is named; paths of a pond begin with a slash. */
const NO_SPACE = new RegExp(`"${TEMPORARY_FILES}[/"].*No space left on device`);
const NO_MEMORY = /^Out of Memory Error: ([^\n(]*[^\n( ])/;

/** Tells whether a working directory is where a pond has its own: `control/queries`. */
const isOfPond = (workspace: string): boolean => {
  const root = dirname(workspace);
  return basename(root) === 'queries' && basename(dirname(root)) === 'control';
};

const OF_POND = {
  where: "in the pond's directory control/queries",
  remedy: 'make room on its disk',
} as const;

const OF_SYSTEM = {
  where: "in the system's directory for them",
  remedy: 'set TMPDIR to a directory with more room',
} as const;
