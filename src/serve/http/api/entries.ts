import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { entryDocument } from '../../../documents/entry-document.js';
import { writeDocument } from '../../../documents/write-document.js';
import type { Json } from '../../../domain/documents/json.js';
import { SYSTEM_DIRECTORY } from '../../../domain/paths/configuration-paths.js';
import { nameOf, type PondPath, parentOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { Factories } from '../../../factories/registry/registry.js';
import { CONFIG_LIMIT, checkEntry, isEntryPath, whyIdle } from '../../../steward/discovery/check-entry.js';
import type { PondError } from '../../../steward/errors.js';
import type { Steward } from '../../../steward/steward.js';
import type { PondReader, Entry as TinyEntry } from '../../../tinyfs/tinyfs.js';
import { Write } from '../codecs/commit-shapes.js';
import { Entry } from '../codecs/content-shapes.js';
import { PathText, whole } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import { EntryStanding } from '../codecs/task-shapes.js';
import { type HttpError, httpErrorDocument } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import { standingDocument, standingsOf } from './standing.js';

/** Directories whose entries are run, or ask before a commit. */
const ENTRY_DIRECTORIES = ['/etc/system.d', '/etc/gate.d', '/etc/schedule.d', '/etc/watch.d'] as const;

/** Commits on which an edited entry is tried, where it is not said. */
const TRIED_ON = 10;
const MOST_TRIED_ON = 100;

const OfPond = asked({ pond: t.string }, {});
const Nothing = asked({}, {});

export const entryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/entries',
    summary: 'Lists the entries that run by themselves, and what their tasks have come to.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: t.type({
      entries: t.array(
        t.intersection([Entry, t.type({ directory: t.string, standing: t.union([EntryStanding, t.null]) })]),
      ),
    }),
    changes: false,
    handle: ({ interface: { ponds }, params, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const found = await run(
          steward.read<PondError, readonly TinyEntry[]>(({ fs }) => entriesOf(fs), {
            operation: 'list',
            signal,
          }),
        );
        const { entries } = await run(standingsOf(steward));
        const known = new Map(entries.map((standing) => [standing.configPath, standing]));
        return documentOf({
          entries: found.map((entry) => {
            const standing = known.get(entry.path);
            return {
              ...entryDocument(entry),
              directory: parentOf(entry.path),
              standing: standing === undefined ? null : standingDocument(standing),
            };
          }),
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/entries/configuration',
    summary: 'Returns the configuration of an entry, or of any dynamic node, as it was written.',
    params: OfPond,
    query: asked({ path: PathText }, {}),
    body: null,
    answer: t.type({
      path: t.string,
      factory: t.union([t.string, t.null]),
      text: t.string,
      sha256: t.union([t.string, t.null]),
      txn_seq: t.number,
    }),
    changes: false,
    handle: ({ interface: { ponds }, params, query: { path }, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return run(
          steward.read<PondError, Answer>(
            ({ fs }) =>
              steps(async (reading) => {
                const entry = await reading.run(fs.stat(path));
                const bytes =
                  entry.factory === null
                    ? await reading.run(smallContent(fs, entry))
                    : (await reading.run(fs.getDynamicNodeConfig(path))).config;
                return documentOf({
                  path,
                  factory: entry.factory,
                  text: Buffer.from(bytes).toString('utf8'),
                  sha256: entry.sha256,
                  txn_seq: entry.txnSeq,
                });
              }),
            { operation: 'cat', signal },
          ),
        );
      }),
  }),
  route({
    method: 'POST',
    path: '/ponds/{pond}/entries/check',
    summary:
      'Checks a configuration without keeping it, and says which of the last commits it would have followed.',
    params: OfPond,
    query: Nothing,
    body: asked({ path: PathText, text: t.string }, { factory: t.string, last: whole(1, MOST_TRIED_ON) }),
    answer: t.type({
      is_valid: t.boolean,
      error: t.union([t.record(t.string, t.unknown), t.null]),
      warning: t.union([t.string, t.null]),
      commits: t.array(t.type({ txn_seq: t.number, did_run: t.boolean, would_run: t.boolean })),
    }),
    changes: false,
    handle: ({ interface: { ponds, redact }, params, body }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const checked = checkedConfiguration(await run(steward.factories()), body);
        if (E.isLeft(checked)) {
          const { error } = httpErrorDocument(checked.left, redact);
          return documentOf({ is_valid: false, error: error ?? null, warning: null, commits: [] });
        }
        const commits = await run(triedOn(steward, body));
        return documentOf({ is_valid: true, error: null, warning: checked.right, commits });
      }),
  }),
  route({
    method: 'POST',
    path: '/ponds/{pond}/entries',
    summary:
      'Checks and keeps a configuration, as one commit; `sha256`: the digest of what was edited (null: there was none).',
    params: OfPond,
    query: Nothing,
    body: asked(
      { path: PathText, text: t.string, sha256: t.union([t.string, t.null]) },
      { factory: t.string },
    ),
    answer: Write,
    changes: true,
    handle: ({ interface: { ponds }, params, body, stopping }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const outcome = await run(
          steward.write<HttpError, void>(
            ({ fs, factories }) =>
              steps(async (writing) => {
                const { path, text, factory, sha256 } = body;
                const found = await fs.stat(path)();
                const there = E.isLeft(found) ? null : found.right;
                if (E.isLeft(found) && found.left._tag !== 'PathNotFound') return writing.fail(found.left);
                if ((there?.sha256 ?? null) !== sha256)
                  return writing.fail({ _tag: 'ChangedMeanwhile', path, sha256: there?.sha256 ?? null });
                const kept = factory ?? there?.factory ?? null;
                const known = await factories();
                writing.take(
                  checkedConfiguration(known, { path, text, ...(kept === null ? {} : { factory: kept }) }),
                );
                const bytes = Buffer.from(text);
                if (there === null) await writing.run(fs.mkdirAll(parentOf(path)));
                if (kept === null) await writing.run(fs.write(path, bytes));
                else if (there !== null) await writing.run(fs.updateDynamicNodeConfig(path, bytes));
                else {
                  const type = known.facts(kept)?.kind === 'directory' ? 'directory:dynamic' : 'file:dynamic';
                  await writing.run(fs.createDynamicPath(path, type, kept, bytes));
                }
              }),
            { operation: 'edit', signal: stopping },
          ),
        );
        return documentOf(writeDocument(outcome));
      }),
  }),
];

const entriesOf = (fs: PondReader): TE.TaskEither<PondError, readonly TinyEntry[]> =>
  steps(async ({ run, fail }) => {
    const all: TinyEntry[] = [];
    for (const directory of ENTRY_DIRECTORIES) {
      const listed = await fs.list(directory)();
      if (E.isLeft(listed) && listed.left._tag !== 'PathNotFound') return fail(listed.left);
      if (!E.isLeft(listed)) all.push(...listed.right);
    }
    return run(TE.right(all));
  });

const smallContent = (fs: PondReader, { path, size }: TinyEntry): TE.TaskEither<PondError, Uint8Array> =>
  (size ?? 0) > CONFIG_LIMIT
    ? TE.left({ _tag: 'ConfigTooLarge', path, size: size ?? 0, limit: CONFIG_LIMIT })
    : fs.readBytes(path);

interface ConfigurationGiven {
  readonly path: PondPath;
  readonly text: string;
  readonly factory?: string | undefined;
}

/** Checks what is to be kept as the command line does; returns why it would not run, null where it would. */
const checkedConfiguration = (known: Factories, { path, text, factory }: ConfigurationGiven) => {
  const bytes = Buffer.from(text);
  if (bytes.length > CONFIG_LIMIT)
    return E.left<PondError>({ _tag: 'ConfigTooLarge', path, size: bytes.length, limit: CONFIG_LIMIT });
  if (factory !== undefined)
    return pipe(
      known.checkBytes(factory, path, bytes),
      E.map(() => whyIdle(known, path, factory)),
    );
  return isEntryPath(path) ? checkEntry(known, path, bytes) : E.right(null);
};

/** Tells of the last commits whether the entry ran after them, and whether it would have as it is now. */
const triedOn = (
  steward: Pick<Steward, 'replay'>,
  { path, text, last = TRIED_ON }: ConfigurationGiven & { readonly last?: number | undefined },
): TE.TaskEither<PondError, readonly Json[]> =>
  parentOf(path) === SYSTEM_DIRECTORY
    ? pipe(
        steward.replay({ files: [{ name: nameOf(path), bytes: Buffer.from(text) }], last }),
        TE.map((commits) =>
          commits.map(({ txnSeq, was, wouldBe }) => ({
            txn_seq: txnSeq,
            did_run: was.plan.tasks.some(({ config_path }) => config_path === path),
            would_run: wouldBe.plan.tasks.some(({ config_path }) => config_path === path),
          })),
        ),
      )
    : TE.right([]);
