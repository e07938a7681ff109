import type { Steward } from '../../src/promises.js';

/** Makes a pond of so many commits and files; after the last `withTasks` commits one entry completes and one fails. */
export const makeLargePond: (
  library: Pick<typeof Steward, 'init' | 'open'>,
  directory: string,
  size: { readonly commits: number; readonly files: number; readonly withTasks: number },
) => Promise<void>;
