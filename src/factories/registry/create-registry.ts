import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { NotTrusted } from '../../domain/not-trusted.js';
import type { Factory } from '../factory.js';
import { checkedConfigurations } from './checked-configurations.js';
import { loadNode } from './load-node.js';
import { namedFactories } from './named-factories.js';
import { nestedLoader } from './nested-nodes.js';
import { preparedConfigurations } from './prepared-configurations.js';
import type { Registry } from './registry.js';
import type { Environment } from './resolve-variables.js';
import { resolveConfiguration } from './resolved-configuration.js';

export interface RegistryOptions {
  /** Variables that `${env:NAME}` is looked up in. */
  readonly environment: Environment;
  /** Reason why modules were not loaded: a factory that is not known here may be theirs. */
  readonly closed?: NotTrusted | null;
  /** Names of variables that are secret, besides those whose names say so; `*` stands for any characters. */
  readonly secretVariables?: readonly string[];
  /** Tells whether tasks may run on any of many machines. Default: on one. */
  readonly hasManyMachines?: boolean;
}

/**
 * A registry of these factories. Of two with the same name the later one counts, so that a user's factory can
 * take the place of a built-in one.
 */
export const createRegistry = (
  factories: readonly Factory[],
  { environment, closed = null, secretVariables = [], hasManyMachines = false }: RegistryOptions,
): Registry => {
  const named = namedFactories(factories, closed);
  const { names, find, facts } = named;
  const surroundings = { environment, secretVariables };
  return {
    list: () => names.flatMap((name) => facts(name) ?? []),
    facts,
    supports: (name, mode) => facts(name)?.modes.includes(mode) === true,
    ...checkedConfigurations(named, hasManyMachines),
    load: (name, bytes, context) => async () => {
      const factory = find(name, context.path);
      if (isLeft(factory)) return factory;
      // Its content is its configuration, whatever that says: it must be readable to be put right.
      if (factory.right.kind === 'executable') return right({ kind: 'executable' });
      const resolved = resolveConfiguration(factory.right, context.path, bytes, surroundings);
      if (isLeft(resolved)) return resolved;
      const make = nestedLoader(find, resolved.right.redact, context);
      return right(loadNode(factory.right, resolved.right, { ...context, make }));
    },
    ...preparedConfigurations(named, surroundings),
  };
};
