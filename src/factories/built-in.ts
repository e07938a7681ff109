import type { Clock } from '../ports/clock.js';
import { type CommandDeps, commandFactory } from './command.js';
import type { Factory } from './factory.js';
import { type HostExportDeps, hostExport } from './host-export.js';
import { testDir } from './test-dir.js';
import { testExecutor } from './test-executor.js';
import { testFile } from './test-file.js';

export interface BuiltInDeps extends CommandDeps, HostExportDeps {
  readonly clock: Clock;
}

/** The factories that every pond knows. */
export const builtInFactories = (deps: BuiltInDeps): readonly Factory[] => [
  commandFactory(deps),
  hostExport(deps),
  testDir,
  testExecutor(deps),
  testFile,
];
