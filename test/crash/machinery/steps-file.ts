import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The steps that the processes of a run have reached, in order. */
export const stepsIn = async (folder: string): Promise<readonly string[]> =>
  (await readFile(join(folder, 'steps'), 'utf8')).trimEnd().split('\n');
