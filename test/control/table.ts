import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ControlTable } from '../../src/control/control-table.js';
import { capabilities, openIn } from './steps.js';

/** A directory that is removed after the test. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'control-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

/** A control table that is closed after the test. */
export const openTable = async (directory: string, using = capabilities): Promise<ControlTable> => {
  const table = await openIn(directory, using);
  onTestFinished(() => table.close());
  return table;
};

export const newTable = (): Promise<ControlTable> => openTable(temporaryDirectory());
