import { isLeft } from 'fp-ts/lib/Either.js';
import { parseYaml } from '../domain/documents/yaml-document.js';
import type { FactoryKinds } from './factory-kinds.js';
import { textsIn } from './variables-in.js';

/** A dynamic node: a factory and its configuration. */
export interface ConfiguredNode {
  readonly factory: string;
  readonly config: Uint8Array;
}

/**
 * Tells whether making something of a node can run code, read the environment or touch the host: its factory is executable or
 * comes from a module, or one that is named inside its configuration does, or the configuration, once it is decoded,
 * names a variable of the environment. What is not YAML of plain data is refused by every factory of the product.
 */
export const isCodeBearing = ({ factory, config }: ConfiguredNode, kinds: FactoryKinds): boolean => {
  if (canRun(factory, kinds)) return true;
  const parsed = parseYaml(config);
  if (isLeft(parsed)) return false;
  return (
    textsIn(parsed.right).some((text) => text.includes('${env:')) ||
    factoriesNamedIn(parsed.right).some((name) => canRun(name, kinds))
  );
};

/** Tells whether reading it runs something: what is executable of the product's own only shows its configuration. */
export const runsWhenRead = (node: ConfiguredNode, kinds: FactoryKinds): boolean =>
  kinds.get(node.factory) !== 'executable' && isCodeBearing(node, kinds);

const canRun = (factory: string, kinds: FactoryKinds): boolean => {
  const kind = kinds.get(factory);
  return kind === undefined || kind === 'executable';
};

const factoriesNamedIn = (value: unknown): readonly string[] => {
  const names: string[] = [];
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    if ('factory' in part && typeof part.factory === 'string') names.push(part.factory);
    for (const member of Object.values(part)) visit(member);
  };
  visit(value);
  return names;
};
