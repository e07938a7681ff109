import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { asKeyError, type KeyError } from '../../domain/documents/decode-error.js';
import { keyPath } from '../../domain/documents/key-path.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import type { ContentContext, Factory, FactoryError, MadeFile } from '../factory.js';
import { loadNode } from './load-node.js';
import { decodeConfig, type ReadConfiguration, storedProblems } from './read-configuration.js';

type ByName = ReadonlyMap<string, Factory>;

/** Errors that the factories of nodes inside a configuration find, with their keys in the whole. */
export const nestedProblems = (
  byName: ByName,
  factory: Factory,
  { config, keyPrefix }: Pick<ReadConfiguration, 'config' | 'keyPrefix'>,
): readonly KeyError[] => {
  const decoded = decodeConfig(factory, config, keyPrefix);
  if (isLeft(decoded)) return [];
  return (factory.nested?.(decoded.right) ?? []).flatMap((node): readonly KeyError[] => {
    const key = keyPath(keyPrefix, node.key);
    const found = byName.get(node.factory);
    if (found === undefined) {
      const known = [...byName.keys()].sort().join(', ');
      return [
        { key, message: `unknown factory ${JSON.stringify(node.factory)}; known factories are ${known}` },
      ];
    }
    if (found.kind === 'executable') return [{ key, message: makesNothing(node.factory) }];
    const inner = decodeConfig(found, node.config, key);
    if (isLeft(inner)) return inner.left.map(asKeyError);
    return [
      ...storedProblems(found, inner.right, key),
      ...nestedProblems(byName, found, { config: node.config, keyPrefix: key }),
    ];
  });
};

/** Makes nodes inside a configuration whose variables have been resolved. */
export const nestedLoader = (
  find: (name: string, path: string) => Either<FactoryError, Factory>,
  redact: Redact,
  context: Omit<ContentContext, 'make'>,
): ContentContext['make'] => {
  const make: ContentContext['make'] =
    ({ factory: name, config }, path) =>
    async () => {
      const factory = find(name, path);
      if (isLeft(factory)) return factory;
      if (factory.right.kind === 'executable') {
        return left({
          _tag: 'InvalidConfig',
          path,
          errors: [{ key: 'factory', message: makesNothing(name) }],
        });
      }
      const decoded = decodeConfig(factory.right, config, 'config', redact);
      if (isLeft(decoded)) return left({ _tag: 'InvalidConfig', path, errors: decoded.left.map(asKeyError) });
      return right(
        loadNode(factory.right, { config: decoded.right, redact }, { ...context, path, nodeId: null, make }),
      );
    };
  return make;
};

const makesNothing = (factory: string): string =>
  `${factory} makes neither a file nor a directory; it is run by an entry of /etc/system.d`;

/** The files that a node makes, those of the nodes inside it included. */
export const madeFiles = (byName: ByName, factory: Factory, config: unknown): readonly MadeFile[] => {
  const decoded = decodeConfig(factory, config, '');
  if (isLeft(decoded)) return [];
  const own = factory.makes?.(decoded.right) ?? [];
  const nested = (factory.nested?.(decoded.right) ?? []).flatMap((node) => {
    const inner = byName.get(node.factory);
    return inner === undefined
      ? []
      : madeFiles(byName, inner, node.config).map(({ name, reads }) => ({
          name: name === '' ? node.name : `${node.name}/${name}`,
          reads,
        }));
  });
  return [...own, ...nested];
};
