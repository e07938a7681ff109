import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { Clock } from '../../../ports/clock.js';
import type { ObjectStores, StorePlace } from '../../../ports/object-store.js';
import type { Random } from '../../../ports/random.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import { type ReliableStore, reliableStore } from '../../../stores/reliable-store.js';
import { sendStream } from '../../../stores/send-stream.js';
import { describeStoreError, type StoreError } from '../../../stores/store-error.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { contentTypeOf } from './content-types.js';
import { type ExportManifest, manifestKey, readManifest } from './export-manifest.js';
import type { S3ExportConfig } from './s3-export-config.js';

export interface S3ExportDeps {
  readonly stores: ObjectStores;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Words for what keeps a content of the pond from being read. */
  readonly describePondError: (error: TinyFsError) => string;
}

/** Tries of the end: somebody else may be writing it. */
const ENDS = 3;

/**
 * Sends what has changed since the last export, then writes down what is there, on condition that nobody has meanwhile: an
 * attempt for an older commit changes nothing once a newer one has been there.
 */
export const sendExport = (
  deps: S3ExportDeps,
  context: FactoryContext,
  config: S3ExportConfig,
): TaskEither<FactoryError, void> =>
  steps(async ({ run, fail }) => {
    const { url, endpoint, region } = config;
    const place: StorePlace = {
      url,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(region === undefined ? {} : { region }),
    };
    const opened = await deps.stores.open(place)();
    if (isLeft(opened)) return fail(storeFailed(context, opened.left));
    try {
      const trace = { traceParent: context.span.traceParent, origin: 'here' } as const;
      const { signal } = context;
      const { clock, random, telemetry } = deps;
      const store = reliableStore(opened.right, { clock, random, telemetry, trace, signal });
      await run(exportTo(deps, context, config, store));
    } finally {
      opened.right.close();
    }
  });

interface Source {
  readonly name: string;
  readonly entry: Entry;
}

const exportTo = (
  deps: S3ExportDeps,
  context: FactoryContext,
  config: S3ExportConfig,
  store: ReliableStore,
): TaskEither<FactoryError, void> =>
  steps(async ({ run, fail }) => {
    const layout = config.layout ?? 'mirror';
    const asked = <A>(call: TaskEither<StoreError, A>): Promise<A> =>
      run(
        pipe(
          call,
          TE.mapLeft((error) => storeFailed(context, error)),
        ),
      );
    const refused = (message: string) => fail({ ...failure(context, message), retryable: false });
    const superseded = (by: number): void =>
      context.log.log('info', 'export_superseded', { txn_seq: context.txnSeq, superseded_by: by });
    if (context.supersededBy !== null) return superseded(context.supersededBy);

    const before = await asked(readManifest(store, layout));
    if (before?.manifest === 'unreadable') {
      return refused(`${store.url}/${manifestKey(layout)} was not written by an export: it is left alone`);
    }
    const earlier = before?.manifest ?? null;
    if (earlier !== null && (earlier.pond_id !== context.pondId || earlier.config_path !== context.path)) {
      return refused(
        `${store.url} belongs to the export ${earlier.config_path} of the pond ${earlier.pond_id}`,
      );
    }
    if (earlier !== null && earlier.txn_seq > context.txnSeq) return superseded(earlier.txn_seq);

    const sources = await run(sourcesOf(deps, context, config));
    const files: Record<string, ExportManifest['files'][string]> = {};
    let sent = 0;
    for (const { name, entry } of sources) {
      const known = earlier !== null && Object.hasOwn(earlier.files, name) ? earlier.files[name] : undefined;
      if (known !== undefined && isWhole(entry) && entry.sha256 === known.sha256) {
        files[name] = known;
        continue;
      }
      const key = layout === 'mirror' ? name : `v${context.txnSeq}/${name}`;
      const content = await run(
        pipe(
          context.fs.read(entry.path),
          TE.mapLeft((error) => failure(context, deps.describePondError(error))),
        ),
      );
      const contentType = contentTypeOf(name, entry.entryType);
      files[name] = { key, ...(await asked(sendStream(store, { key, contentType }, content))) };
      sent += 1;
    }
    const gone = Object.keys(earlier?.files ?? {}).filter((name) => !Object.hasOwn(files, name));
    if (layout === 'mirror') for (const name of gone) await asked(store.delete(name));
    const manifest: ExportManifest = {
      ...{ pond_id: context.pondId, config_path: context.path, layout, txn_seq: context.txnSeq, files },
    };
    const isSame = earlier !== null && JSON.stringify(earlier.files) === JSON.stringify(files);
    if (!isSame || sent > 0) {
      const by = await run(finish(context, store, manifest, before?.etag ?? null));
      if (by !== null) return superseded(by);
    }
    const { requests, bytesSent } = store.usage();
    const removed = layout === 'mirror' ? gone.length : 0;
    const report = { files: sources.length, sent, removed, requests, bytes_sent: bytesSent };
    context.report(report);
    context.log.log('info', 'exported', { url: store.url, ...report });
  });

/** Writes down what is there. Returns the newer commit whose export was there first; null: it is written. */
const finish = (
  context: FactoryContext,
  store: ReliableStore,
  manifest: ExportManifest,
  seen: string | null,
): TaskEither<FactoryError, number | null> =>
  steps(async ({ fail }) => {
    let etag = seen;
    const content = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
    for (let count = 1; ; count += 1) {
      const condition =
        etag === null ? ({ _tag: 'Absent' } as const) : ({ _tag: 'Unchanged', etag } as const);
      const put = await store.put({
        ...{ key: manifestKey(manifest.layout), content, condition },
        contentType: 'application/json',
      })();
      if (!isLeft(put)) return null;
      if (put.left._tag !== 'ConditionFailed' || count === ENDS) return fail(storeFailed(context, put.left));
      const there = await readManifest(store, manifest.layout)();
      if (isLeft(there)) return fail(storeFailed(context, there.left));
      const other = there.right?.manifest;
      if (other !== undefined && other !== 'unreadable' && other.txn_seq > manifest.txn_seq)
        return other.txn_seq;
      etag = there.right?.etag ?? null;
    }
  });

const sourcesOf = (
  deps: S3ExportDeps,
  { fs, path: own, ...context }: FactoryContext,
  { source, strip_prefix: prefix = '/' }: S3ExportConfig,
): TaskEither<FactoryError, readonly Source[]> =>
  steps(async ({ run, fail }) => {
    const about = { ...context, path: own };
    const matches = await run(
      pipe(
        fs.collectMatches(source),
        TE.mapLeft((error) => failure(about, deps.describePondError(error))),
      ),
    );
    const [closed] = matches.unreadable;
    if (closed !== undefined) return fail(failure(about, `${closed.path} cannot be read`));
    const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const sources: Source[] = [];
    for (const entry of matches.entries) {
      if (
        entry.entryType !== 'file' &&
        entry.entryType !== 'table' &&
        entry.entryType !== 'series' &&
        entry.entryType !== 'file:dynamic'
      )
        continue;
      if (entry.path === own) continue;
      const name = entry.path.startsWith(base) ? entry.path.slice(base.length) : entry.path.slice(1);
      sources.push({ name, entry });
    }
    return sources;
  });

/** The SHA-256 of an entry is that of its whole content, which a series' and a made file's is not. */
const isWhole = ({ entryType }: Entry): boolean => entryType === 'file' || entryType === 'table';

const failure = (
  { path }: Pick<FactoryContext, 'path'>,
  message: string,
): Extract<FactoryError, { readonly _tag: 'FactoryFailed' }> => ({
  ...{ _tag: 'FactoryFailed', path, factory: 's3-export', message },
});

const storeFailed = (context: Pick<FactoryContext, 'path'>, error: StoreError): FactoryError => ({
  ...failure(context, describeStoreError(error)),
  retryable: error._tag === 'ConditionFailed' || (error._tag === 'StoreFailed' && error.isTransient),
});
