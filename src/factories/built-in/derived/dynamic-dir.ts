import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { textThat } from '../../../domain/documents/value-that.js';
import { childOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { MadeNode, VirtualEntry } from '../../../tinyfs/dynamic-nodes.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import { factoryProblem } from '../../describe-factory-error.js';
import type { DirectoryFactory, FactoryError } from '../../factory.js';
import { referenceOf } from '../../factory-reference.js';

const NameCodec = textThat('a name without /', (text) => /^(?!\.{1,2}$)[^/\0]{1,255}$/.test(text));

const Config = exactType(
  'dynamic-dir configuration',
  {
    entries: t.readonlyArray(
      exactType('entry', { name: NameCodec, factory: t.string, config: t.unknown }, {}),
      'a list of entries',
    ),
  },
  {},
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: {
    entries:
      'a list of entries: name, factory (one that makes a file or a directory), config (the configuration of that factory)',
  },
  example: `# A directory of derived files that belong together: /derived
factory: dynamic-dir
config:
  entries:
    - name: warm.csv
      factory: sql-derived
      config:
        sql: SELECT date, temp_max FROM '/weather/2012.csv' WHERE temp_max > 25 ORDER BY date
    - name: north
      factory: temporal-reduce
      config:
        source: /sensors/north
        time_column: time
        every: [1h, 1d]
        aggregates: { temperature: [avg, min, max] }
`,
});

/** Makes a directory of what other factories make, each by a configuration of its own. */
export const dynamicDir: DirectoryFactory<Config> = {
  name: 'dynamic-dir',
  description: 'A directory whose entries are made by other factories.',
  kind: 'directory',
  modes: [],
  config: Config,
  reference,
  checkStored: ({ entries }) => {
    const names = entries.map(({ name }) => name);
    return names.flatMap((name, index) =>
      names.indexOf(name) === index
        ? []
        : [
            {
              key: `entries[${index}].name`,
              message: `another entry is called ${JSON.stringify(name)}, too`,
            },
          ],
    );
  },
  nested: ({ entries }) =>
    entries.map(({ name, factory, config }, index) => ({
      name,
      factory,
      config,
      key: `entries[${index}].config`,
    })),
  createDirectory: ({ path, make }, { entries }) =>
    steps<FactoryError, readonly VirtualEntry[]>(async (s) => {
      const made: VirtualEntry[] = [];
      for (const { name, factory, config } of entries) {
        const node = await make({ factory, config }, childOf(path, name))();
        if (isLeft(node)) {
          const message = `${name}: ${factoryProblem(node.left)}`;
          return s.fail({ _tag: 'FactoryFailed', path, factory: 'dynamic-dir', message });
        }
        made.push(entryOf(name, node.right));
      }
      return made;
    }),
};

const entryOf = (name: string, node: MadeNode): VirtualEntry =>
  node.kind === 'directory'
    ? { kind: 'directory', name, list: node.list }
    : { kind: 'file', name, size: null, open: () => streamOf(node.open) };

async function* streamOf(open: () => TE.TaskEither<TinyFsError, ByteStream>): AsyncGenerator<Uint8Array> {
  const stream = await open()();
  if (isLeft(stream)) throw stream.left;
  yield* stream.right;
}
