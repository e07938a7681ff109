import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Modules } from '../../ports/modules.js';
import type { QueryRows } from '../../ports/query-engine.js';
import type { ContentContext, Factory, FactoryContext, FactoryError } from '../factory.js';
import { failureOf } from '../retry-wish.js';
import { type PromiseReader, type PromiseWriter, promiseReader, promiseWriter } from './promise-files.js';
import { type Callable, settle } from './user-answer.js';
import { anyMapping } from './user-config.js';
import { contentOf, entriesOf } from './user-content.js';
import type { UserFactory } from './user-factory-shape.js';

/** Additions to the context of a user's factory: the filesystem with promises instead of `TaskEither`s. */
interface WithFiles {
  readonly files: PromiseReader | PromiseWriter;
  /** The query of the context as a promise, which rejects with an `Error`. */
  readonly query?: (...asked: Parameters<FactoryContext['query']>) => Promise<QueryRows>;
}

/** Values that a user's function may be handed in the place of a context. */
export type UserContext = (Omit<FactoryContext, 'query'> | ContentContext) & WithFiles;

/** A user's factory as the registry knows factories. `self` is what the module exported: its functions' `this`. */
export const adaptFactory = (
  user: UserFactory,
  self: unknown,
  { within }: Pick<Modules, 'within'>,
): Factory => {
  const base = {
    name: user.name,
    description: user.description ?? '',
    config: user.config ?? anyMapping,
  };
  const call = async (method: Callable, context: FactoryContext | ContentContext, config: unknown) => {
    let isOver = false;
    try {
      return await new Promise<Either<unknown, unknown>>((resolve, reject) => {
        const { path } = context;
        const scope = {
          factory: user.name,
          path,
          onStray: (thrown: unknown) => reject(strayOf(thrown)),
          isOver: () => isOver,
        };
        within(scope, () => settle(() => Reflect.apply(method, self, [withFiles(context), config]))).then(
          resolve,
          reject,
        );
      });
    } finally {
      isOver = true;
    }
  };

  /** A throw or a rejection passes through: the registry makes the factory's failure of it. */
  const answer =
    <A>(
      method: Callable,
      context: FactoryContext | ContentContext,
      config: unknown,
      read: (value: unknown) => Either<string, A>,
    ): TaskEither<FactoryError, A> =>
    async () => {
      const settled = await call(method, context, config);
      if (isLeft(settled)) return left(failureOf({ path: context.path, factory: user.name }, settled.left));
      const result = read(settled.right);
      return isLeft(result)
        ? left({ _tag: 'FactoryFailed', path: context.path, factory: user.name, message: result.left })
        : result;
    };

  switch (user.kind) {
    case 'file': {
      const { createFile } = user;
      return {
        ...base,
        kind: 'file',
        modes: [],
        createFile: (context, config) => answer(createFile, context, config, readContent),
      };
    }
    case 'directory': {
      const { createDirectory } = user;
      return {
        ...base,
        kind: 'directory',
        modes: [],
        createDirectory: (context, config) => answer(createDirectory, context, config, entriesOf),
      };
    }
    case 'executable': {
      const { initialize, prepare, execute, runWhen } = user;
      const run = (method: Callable) => (context: FactoryContext, config: unknown) =>
        answer(method, context, config, nothing);
      return {
        ...base,
        kind: 'executable',
        modes: user.modes,
        ...(runWhen === undefined ? {} : { runWhen }),
        ...(initialize === undefined ? {} : { initialize: run(initialize) }),
        ...(prepare === undefined ? {} : { prepare: run(prepare) }),
        execute: run(execute),
      };
    }
  }
};

/** An error that the function did not await, as its failure. */
const strayOf = (thrown: unknown): Error => new Error('it did not await what failed', { cause: thrown });

const withFiles = (context: FactoryContext | ContentContext): UserContext => {
  const files = 'mkdir' in context.fs ? promiseWriter(context.fs) : promiseReader(context.fs);
  return 'query' in context
    ? { ...context, files, query: promisedQuery(context.query) }
    : { ...context, files };
};

const promisedQuery =
  (query: FactoryContext['query']) =>
  async (...asked: Parameters<FactoryContext['query']>): Promise<QueryRows> => {
    const rows = await query(...asked)();
    if (isLeft(rows)) throw new Error('message' in rows.left ? rows.left.message : rows.left._tag);
    return rows.right;
  };

const readContent = (value: unknown) => {
  const content = contentOf(value);
  return content === null
    ? left('createFile must return a string, bytes or an iterable of them')
    : right(content);
};

/** The result of an executable, beside a failure, is of no interest. */
const nothing = (): Either<never, void> => right(undefined);
