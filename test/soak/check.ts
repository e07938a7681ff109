import { ask } from '../crash/asking.js';

/** What `pond fsck` finds. */
export const faultsOfCheck = async (pond: string): Promise<readonly string[]> => {
  const { code, out, err } = await ask(pond, 'fsck', '--plans');
  return code === 0 ? [] : [`fsck: exit code ${code}: ${out.toString()}${err}`];
};
