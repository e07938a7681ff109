import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What `run.mjs` was asked for. */
export const soakOption = (name: string): number => {
  const options: Record<string, unknown> = JSON.parse(process.env.POND_SOAK_OPTIONS ?? '{}');
  const value = Number(options[name]);
  if (Number.isNaN(value)) throw new Error(`start it with npm run test:soak: no --${name}`);
  return value;
};

/** A folder for a part's ponds. It stays when something was wrong. */
export const soakFolder = (part: string): Promise<string> => mkdtemp(join(tmpdir(), `pond-soak-${part}-`));

/** A line of progress, with the seconds since the part began. */
export const sayProgress = (line: string): void => {
  process.stdout.write(`[${String(Math.round(performance.now() / 1000)).padStart(5)} s] ${line}\n`);
};

/** Whether a part has used up its time. */
export const budgetOf = (minutes: number): (() => boolean) => {
  const end = performance.now() + minutes * 60_000;
  return () => performance.now() > end;
};
