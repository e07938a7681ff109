import * as TE from 'fp-ts/lib/TaskEither.js';
import type { LoadDynamicNode, LoadedNode, VirtualEntry } from '../../src/tinyfs/dynamic-nodes.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import type { Entry } from '../../src/tinyfs/tinyfs.js';
import { bytes } from './expectations.js';

/** A loader that counts what it is asked for. */
export interface TestFactories {
  readonly load: LoadDynamicNode;
  readonly loaded: readonly string[];
}

type Tree = { readonly [name: string]: string | Tree };

/**
 * `shout`: a file with the configuration in capitals; `lines`: a directory with a file per line; `nested`: a directory
 * with a directory `inner` with a file `deep.txt`; `run`: executable; `interrupted`: a file whose stream throws;
 * `broken`: cannot be loaded; `ill-named`: a directory with an impossible entry. Everything else is unknown.
 */
export const testFactories = (): TestFactories => {
  const loaded: string[] = [];
  return {
    loaded,
    load: (node, config) => {
      loaded.push(node.path);
      return make(node, Buffer.from(config).toString());
    },
  };
};

const make = (node: Entry, config: string): TE.TaskEither<TinyFsError, LoadedNode> => {
  switch (node.factory) {
    case 'shout':
      return TE.right({ kind: 'file', open: () => TE.right(stream(config.toUpperCase())) });
    case 'lines':
      return directory(Object.fromEntries(config.split('\n').map((line) => [line, `line ${line}`])));
    case 'nested':
      return directory({ inner: { 'deep.txt': config, deeper: { 'x.txt': 'x' } }, 'top.txt': 'top' });
    case 'run':
      return TE.right({ kind: 'executable' });
    case 'interrupted':
      return TE.right({ kind: 'file', open: () => TE.right(interrupted()) });
    case 'ill-named':
      return directory({ 'a/b': 'x' });
    case 'broken':
      return TE.left({ _tag: 'DynamicNodeFailed', path: node.path, factory: 'broken', message: 'it is' });
    default:
      return TE.left({ _tag: 'UnknownFactory', path: node.path, factory: node.factory ?? '', known: [] });
  }
};

const directory = (tree: Tree): TE.TaskEither<TinyFsError, LoadedNode> =>
  TE.right({ kind: 'directory', list: () => TE.right(entriesOf(tree)) });

const entriesOf = (tree: Tree): readonly VirtualEntry[] =>
  Object.entries(tree).map(([name, value]) =>
    typeof value === 'string'
      ? { kind: 'file', name, size: value.length, open: () => stream(value) }
      : { kind: 'directory', name, list: () => TE.right(entriesOf(value)) },
  );

async function* stream(text: string): AsyncGenerator<Uint8Array> {
  yield bytes(text);
}

async function* interrupted(): AsyncGenerator<Uint8Array> {
  yield bytes('half');
  throw new Error('the sensor is gone');
}
