import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { canonicalJson, type Jsonable } from '../../../domain/documents/canonical-json.js';
import { sha256 } from '../../../domain/documents/sha256.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import type { QueryBounds, QueryEngine } from '../../../ports/query-engine.js';
import type { NoWorkingSpace } from '../../../ports/working-spaces.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import type { PondReader, PondWriter } from '../../../tinyfs/tinyfs.js';
import { asTinyFsError, type DerivedNode, type DerivedProblem } from './derived-problem.js';
import { LARGEST_KEPT, type ResultCache } from './result-cache.js';

/** Ports that derived nodes need from outside. */
export interface DerivedDeps {
  readonly engine: Pick<QueryEngine, 'session' | 'needed'>;
  /** A private directory for temporary files. */
  readonly withWorkspace: <E, A>(
    use: (directory: string) => TaskEither<E, A>,
  ) => TaskEither<NoWorkingSpace | E, A>;
  /** Reaches the working directory. */
  readonly files: HostFileSystem;
  readonly cache: ResultCache;
}

/** One computation: what it reads, and where it may put files meanwhile. */
export interface Work extends Pick<DerivedDeps, 'engine' | 'files' | 'cache'> {
  readonly fs: PondReader | PondWriter;
  readonly bounds: QueryBounds;
}

/** Recipe by which a content is made, found out without making it. */
export interface Recipe {
  /** Everything that the content depends on; null where that is not known, so that it is made each time. */
  readonly of: Jsonable | null;
  /** Makes it: a file of the host in the working directory. */
  readonly make: TaskEither<DerivedProblem, string>;
}

/** Memory of the engine for one node: what exceeds it goes to temporary files. */
const MEMORY_LIMIT = '512MB';

/** Raised where the same inputs give another result than before, so that nobody gets what was kept. */
const CACHE_FORMAT = 1;

/** The cache's key for something. */
export const keyOf = (of: Jsonable): string => sha256(canonicalJson({ derived: CACHE_FORMAT, of }));

/** The content of a derived node, made when it is read, or as it was kept for the same inputs. */
export const derivedContent = (
  deps: DerivedDeps,
  node: DerivedNode,
  fs: Work['fs'],
  plan: (work: Work) => TaskEither<DerivedProblem, Recipe>,
): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    const abort = new AbortController();
    const space = await heldWorkspace(deps.withWorkspace);
    if ('problem' in space) throw asTinyFsError(node, space.problem);
    try {
      const bounds = { signal: abort.signal, workspace: space.directory, memoryLimit: MEMORY_LIMIT };
      const made = await contentOf({ ...deps, fs, bounds }, plan);
      if ('problem' in made) throw asTinyFsError(node, made.problem);
      if ('bytes' in made) yield made.bytes;
      else yield* deps.files.streamFile(made.file);
    } finally {
      abort.abort();
      await space.release();
    }
  },
});

type Made = { readonly bytes: Uint8Array } | { readonly file: string } | { readonly problem: DerivedProblem };

const contentOf = async (
  work: Work,
  plan: (work: Work) => TaskEither<DerivedProblem, Recipe>,
): Promise<Made> => {
  const recipe = await plan(work)();
  if (isLeft(recipe)) return { problem: recipe.left };
  const key = recipe.right.of === null ? null : keyOf(recipe.right.of);
  const kept = key === null ? null : work.cache.read(key);
  if (kept !== null) return { bytes: kept };
  const file = await recipe.right.make();
  if (isLeft(file)) return { problem: file.left };
  const stat = work.files.stat(file.right)();
  if (isLeft(stat)) return { problem: stat.left };
  if (stat.right.size > LARGEST_KEPT) return { file: file.right };
  const bytes = work.files.readFile(file.right)();
  if (isLeft(bytes)) return { problem: bytes.left };
  if (key !== null) work.cache.keep(key, bytes.right);
  return { bytes: bytes.right };
};

type Space =
  | { readonly directory: string; readonly release: () => Promise<void> }
  | { readonly problem: NoWorkingSpace };

/** A working directory for as long as a stream is read, which no function call surrounds. */
const heldWorkspace = (withWorkspace: DerivedDeps['withWorkspace']): Promise<Space> =>
  new Promise((resolve, reject) => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((end) => {
      letGo = end;
    });
    const running = withWorkspace<never, void>((directory) => async () => {
      resolve({
        directory,
        release: async () => {
          letGo();
          await running;
        },
      });
      await held;
      return { _tag: 'Right', right: undefined };
    })();
    running.then((ended) => isLeft(ended) && resolve({ problem: ended.left }), reject);
  });
