import type * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath } from '../../domain/paths/pond-path.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { Registry } from '../../factories/registry/registry.js';
import type { DerivedFile } from '../../planner/derived-changes.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';

/** Dynamic nodes that are looked at for one commit, at most. */
const MOST_NODES = 10_000;

/**
 * Finds the derived files that match patterns, those that these are made of, and so on. No content is made for it: what
 * a node makes of what is in its configuration.
 */
export const discoverDerived = (
  fs: Pick<PondReader, 'collectMatches' | 'getDynamicNodeConfig'>,
  madeBy: Registry['madeBy'],
  patterns: readonly string[],
): TE.TaskEither<TinyFsError, readonly DerivedFile[]> =>
  steps(async (s) => {
    const found: DerivedFile[] = [];
    const nodes = new Set<PondPath>();
    const known = new Set<string>(patterns);
    const open = [...patterns];
    for (let pattern = open.pop(); pattern !== undefined; pattern = open.pop()) {
      const { entries, unreadable } = await s.run(fs.collectMatches(pattern));
      // A directory that a factory makes is not looked into: what is in it is known from its configuration.
      const dynamic = entries.filter(({ entryType }) => isDynamic(entryType));
      for (const { path } of [...dynamic, ...unreadable]) {
        if (nodes.has(path) || nodes.size >= MOST_NODES) continue;
        nodes.add(path);
        const { factory, config } = await s.run(fs.getDynamicNodeConfig(path));
        for (const { name, reads } of madeBy(factory, config)) {
          const file = name
            .split('/')
            .reduce<PondPath>((at, each) => (each === '' ? at : childOf(at, each)), path);
          found.push({ path: file, node: path, reads });
          for (const each of reads) {
            if (known.has(each)) continue;
            known.add(each);
            open.push(each);
          }
        }
      }
    }
    return found;
  });
