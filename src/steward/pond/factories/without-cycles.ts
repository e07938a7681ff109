import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath } from '../../../domain/paths/pond-path.js';
import type { ContentChains } from '../../../ports/causes.js';
import type { LoadedNode, VirtualEntry } from '../../../tinyfs/dynamic-nodes.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';

/**
 * The same node, so that making its content, or listing its entries, is an error where that has been begun already and
 * waits for this: the way round is in it. A directory may be listed while an entry of it is made.
 */
export const withoutCycles = (chains: ContentChains, path: PondPath, node: LoadedNode): LoadedNode => {
  switch (node.kind) {
    case 'executable':
      return node;
    case 'file':
      return { kind: 'file', open: () => opened(chains, path, node.open) };
    case 'directory':
      return { kind: 'directory', list: () => listed(chains, path, node.list) };
  }
};

/** The chain with one step more, or the way round. */
const entered = (
  chains: ContentChains,
  step: string,
): Either<Extract<TinyFsError, { _tag: 'CyclicContent' }>, readonly string[]> => {
  const chain = chains.current();
  const begun = chain.indexOf(step);
  if (begun === -1) return right([...chain, step]);
  const cycle = [...chain.slice(begun), step];
  return left({ _tag: 'CyclicContent', path: step, cycle });
};

const opened = (
  chains: ContentChains,
  path: PondPath,
  open: () => TaskEither<TinyFsError, ByteStream>,
): TaskEither<TinyFsError, ByteStream> => {
  const chain = entered(chains, path);
  if (chain._tag === 'Left') return async () => chain;
  return async () => {
    const stream = await chains.within(chain.right, () => open()());
    return stream._tag === 'Left' ? stream : right(streamWithin(chains, chain.right, stream.right));
  };
};

/** Keeps a stream within its own chain, whoever asks it later. */
const streamWithin = (chains: ContentChains, chain: readonly string[], stream: ByteStream): ByteStream => ({
  [Symbol.asyncIterator]: () => {
    const iterator = chains.within(chain, () => stream[Symbol.asyncIterator]());
    return {
      next: () => chains.within(chain, () => iterator.next()),
      return: (value) =>
        chains.within(
          chain,
          async () => (await iterator.return?.(value)) ?? { done: true as const, value: undefined },
        ),
    };
  },
});

const listed = (
  chains: ContentChains,
  path: PondPath,
  list: () => TaskEither<TinyFsError, readonly VirtualEntry[]>,
): TaskEither<TinyFsError, readonly VirtualEntry[]> => {
  // A directory is another thing to wait for than a file of the same name could be.
  const chain = entered(chains, `${path}/`);
  if (chain._tag === 'Left') return async () => chain;
  return async () => {
    const entries = await chains.within(chain.right, () => list()());
    return entries._tag === 'Left'
      ? entries
      : right(entries.right.map((entry) => within(chains, path, entry)));
  };
};

const within = (chains: ContentChains, directory: PondPath, entry: VirtualEntry): VirtualEntry => {
  const path = childOf(directory, entry.name);
  if (entry.kind === 'directory') return { ...entry, list: () => listed(chains, path, entry.list) };
  return {
    ...entry,
    open: () => {
      const chain = entered(chains, path);
      return chain._tag === 'Left'
        ? failing(chain.left)
        : streamWithin(chains, chain.right, chains.within(chain.right, entry.open));
    },
  };
};

const failing = (error: TinyFsError): ByteStream => ({
  [Symbol.asyncIterator]: () => ({ next: async () => Promise.reject(error) }),
});
