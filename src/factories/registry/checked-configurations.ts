import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { relativePatterns } from '../../domain/plans/condition.js';
import { isScheduled, isWatch } from '../../planner/entries/read-entry.js';
import { hostMissing } from '../../planner/entries/registry-facts.js';
import type { NamedFactories } from './named-factories.js';
import { madeFiles, nestedProblems } from './nested-nodes.js';
import { checkConfig, readConfiguration } from './read-configuration.js';
import type { Registry } from './registry.js';

/** Looks at configurations without resolving variables, and without any effect. */
export const checkedConfigurations = (
  { byName, find }: NamedFactories,
  hasManyMachines: boolean,
): Pick<Registry, 'check' | 'checkBytes' | 'needsHost' | 'callsNobody' | 'madeBy'> => {
  const needsHost = (name: string): boolean => {
    const factory = byName.get(name);
    return hasManyMachines && factory?.kind === 'executable' && factory.changesHost === true;
  };
  return {
    needsHost,
    callsNobody: (name) => {
      const factory = byName.get(name);
      return factory?.kind === 'executable' && factory.callsNobody === true;
    },
    check: (name, config, keyPrefix) => {
      const factory = byName.get(name);
      return factory === undefined ? [] : checkConfig(factory, config ?? {}, keyPrefix);
    },
    checkBytes: (name, path, bytes) => {
      const factory = find(name, path);
      if (isLeft(factory)) return factory;
      const read = readConfiguration(factory.right, path, bytes);
      if (isLeft(read)) return read;
      const { condition, host } = read.right;
      const errors = [
        ...(condition === null ? [] : relativePatterns(condition, 'condition')),
        ...nestedProblems(byName, factory.right, read.right),
        ...(host === null && needsHost(name) && isRunAt(path) ? [hostMissing(name)] : []),
      ];
      return errors.length > 0 ? left({ _tag: 'InvalidConfig', path, errors }) : right(undefined);
    },
    madeBy: (name, bytes) => {
      const factory = byName.get(name);
      const read = factory === undefined ? null : readConfiguration(factory, '/', bytes);
      return factory === undefined || read === null || isLeft(read)
        ? []
        : madeFiles(byName, factory, read.right.config);
    },
  };
};

/** Tells whether an entry at that path is run for commits or firings, or looks at a folder. */
const isRunAt = (path: string): boolean =>
  path.startsWith(`${SYSTEM_DIRECTORY}/`) || isScheduled(path) || isWatch(path);
