import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { VirtualEntry } from '../../tinyfs/dynamic-nodes.js';
import type { DirectoryFactory } from '../factory.js';
import { referenceOf } from '../factory-reference.js';
import { textStream } from './byte-stream.js';

const Config = exactType('test-dir configuration', { name: t.string }, { metadata: t.UnknownRecord });

const reference = referenceOf(Config, {
  meanings: {
    name: 'the content of its file name.txt',
    metadata: 'the content of its file metadata.json; default: an empty mapping',
  },
  example: `# A directory with name.txt and metadata.json.
factory: test-dir
config:
  name: north
  metadata: { height_m: 1240 }
`,
});

/** A directory with two files: `name.txt`, the name, and `metadata.json`, the metadata (`{}` when there is none). */
export const testDir: DirectoryFactory<t.TypeOf<typeof Config>> = {
  name: 'test-dir',
  description: 'A directory with the name and the metadata that its configuration says.',
  kind: 'directory',
  modes: [],
  config: Config,
  reference,
  createDirectory: (_context, { name, metadata = {} }) =>
    TE.right([
      textEntry('name.txt', name),
      textEntry('metadata.json', `${JSON.stringify(metadata, null, 2)}\n`),
    ]),
};

const textEntry = (name: string, text: string): VirtualEntry => ({
  kind: 'file',
  name,
  open: () => textStream(text),
  size: Buffer.byteLength(text),
});
