import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { ownValue } from '../../../domain/own-value.js';
import { steps } from '../../../effects/steps.js';
import type { Clock } from '../../../ports/clock.js';
import type { ObjectStores, StorePlace } from '../../../ports/object-store.js';
import type { Random } from '../../../ports/random.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import { type ReliableStore, reliableStore } from '../../../stores/reliable-store.js';
import { sendStream } from '../../../stores/send-stream.js';
import type { StoreError } from '../../../stores/store-error.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { lacksSource, warnOfLeftOut } from '../waiting-source.js';
import { contentTypeOf } from './content-types.js';
import { failure, storeFailed } from './export-failures.js';
import { type ExportManifest, putManifest } from './export-manifest.js';
import { type Source, sourcesOf } from './export-sources.js';
import { markUnsure, type NewerExport, ownManifest } from './overtaken.js';
import type { S3ExportConfig } from './s3-export-config.js';

export interface S3ExportDeps {
  readonly stores: ObjectStores;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

/** Rounds of an attempt: somebody else may write the manifest between its beginning and its end. */
const ROUNDS = 3;

/**
 * Sends what has changed since the last export. Every write of the manifest is on condition that nobody has written it meanwhile.
 * With `mirror` objects are replaced in place, so that the manifest says first which ones are about to be (`unsure`), and last what is
 * there: wherever an attempt ends, the next one sends again whatever may not be as the manifest says. An attempt for an older
 * commit begins nothing once a newer one has begun; one that is overtaken while it sends says so in the newer manifest.
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
      const store = reliableStore(opened.right, {
        clock,
        random,
        telemetry,
        trace,
        signal,
        logger: context.log,
      });
      await run(exportTo(context, config, store));
    } finally {
      opened.right.close();
    }
  });

/** Deeds of an attempt so far. */
interface Done {
  readonly files: Map<string, ExportManifest['files'][string]>;
  /** Names whose objects it has begun to replace or remove. */
  readonly touched: Set<string>;
  readonly removed: Set<string>;
  sent: number;
}

const exportTo = (
  context: FactoryContext,
  config: S3ExportConfig,
  store: ReliableStore,
): TaskEither<FactoryError, void> =>
  steps(async ({ run, fail }) => {
    const superseded = (by: number): void =>
      context.log.log('info', 'export_superseded', { txn_seq: context.txnSeq, superseded_by: by });
    if (context.supersededBy !== null) return superseded(context.supersededBy);
    const layout = config.layout ?? 'mirror';
    const sources = await run(sourcesOf(context, config));
    const done: Done = { files: new Map(), touched: new Set(), removed: new Set(), sent: 0 };
    const rounds = await roundsOf({ context, store, layout, sources, done })();
    const isOvertaken = isLeft(rounds) || rounds.right !== null;
    // Also where it failed: what it has sent is there.
    if (isOvertaken && layout === 'mirror' && done.touched.size > 0) {
      const marked = await markUnsure(context, store, done.touched)();
      if (isLeft(marked)) return fail(isLeft(rounds) ? rounds.left : marked.left);
    }
    if (isLeft(rounds)) return fail(rounds.left);
    if (rounds.right !== null) return superseded(rounds.right.txnSeq);
    const { requests, bytesSent } = store.usage();
    const report = {
      files: sources.length,
      sent: done.sent,
      removed: done.removed.size,
      requests,
      bytes_sent: bytesSent,
    };
    context.report(report);
    context.log.log('info', 'exported', { url: store.url, ...report });
  });

interface Exporting {
  readonly context: FactoryContext;
  readonly store: ReliableStore;
  readonly layout: ExportManifest['layout'];
  readonly sources: readonly Source[];
  readonly done: Done;
}

/** Sends until the manifest says so. Returns the newer export that is there; null: the manifest is this one's. */
const roundsOf = (exporting: Exporting): TaskEither<FactoryError, NewerExport | null> =>
  steps(async ({ run, fail }) => {
    const { context, store, layout, sources, done } = exporting;
    const { txnSeq } = context;
    for (let round = 1; ; round += 1) {
      const before = await run(ownManifest(context, store, layout));
      const earlier = before?.manifest ?? null;
      if (earlier !== null && earlier.txn_seq > txnSeq) return { txnSeq: earlier.txn_seq };
      const { kept, toSend, gone } = planOf(exporting, earlier);
      const about = { pond_id: context.pondId, config_path: context.path, layout, txn_seq: txnSeq };
      /** Null: somebody else was faster. */
      const put = async (
        manifest: ExportManifest,
        over: string | null,
      ): Promise<{ readonly etag: string } | null> => {
        const written = await putManifest(store, manifest, over)();
        if (!isLeft(written)) return written.right;
        if (written.left._tag === 'ConditionFailed' && round < ROUNDS) return null;
        return fail(storeFailed(context, written.left));
      };
      let over = before?.etag ?? null;
      if (layout === 'mirror' && toSend.length + gone.length > 0) {
        const names = [...toSend.map(({ name }) => name), ...gone];
        const unsure = { ...earlier?.unsure, ...Object.fromEntries(names.map((name) => [name, txnSeq])) };
        const said = await put({ ...about, files: Object.fromEntries(kept), unsure }, over);
        if (said === null) continue;
        over = said.etag;
      }
      const remove = async (name: string): Promise<void> => {
        done.touched.add(name);
        await run(ofStore(context, store.delete(name)));
        done.removed.add(name);
      };
      // In a directory a file can stand where the folder of others is to be.
      const folders = new Set(toSend.flatMap(({ name }) => foldersOf(name)));
      for (const name of gone) if (folders.has(name)) await remove(name);
      for (const { name, entry } of toSend) {
        const sent = await sentUnlessWaiting(run(sendFile(exporting, name, entry)), context, () =>
          run(wasSent(exporting, earlier, name)),
        );
        if (sent === null) continue;
        done.files.set(name, sent);
        done.sent += 1;
      }
      for (const name of gone) if (!folders.has(name)) await remove(name);
      const files = Object.fromEntries(
        sources.flatMap(({ name }) => {
          const file = kept.get(name) ?? done.files.get(name);
          return file === undefined ? [] : [[name, file] as const];
        }),
      );
      const manifest: ExportManifest = { ...about, files };
      const isThere =
        earlier?.txn_seq === txnSeq &&
        over === before?.etag &&
        earlier.unsure === undefined &&
        JSON.stringify(earlier.files) === JSON.stringify(files);
      if (isThere || (await put(manifest, over)) !== null) return null;
    }
  });

/** Folders that a name is in: of `a/b/c` they are `a` and `a/b`. */
const foldersOf = (name: string): readonly string[] =>
  name.split('/').flatMap((_, at, names) => (at === 0 ? [] : [names.slice(0, at).join('/')]));

/** Tells what is there already, what is to be sent, and the names of what is to be removed. */
const planOf = (
  { context, layout, sources, done }: Exporting,
  earlier: ExportManifest | null,
): {
  readonly kept: ReadonlyMap<string, ExportManifest['files'][string]>;
  readonly toSend: readonly Source[];
  readonly gone: readonly string[];
} => {
  const kept = new Map<string, ExportManifest['files'][string]>();
  const toSend: Source[] = [];
  for (const { name, entry } of sources) {
    const sent = done.files.get(name);
    const known = ownValue(earlier?.files, name);
    if (sent !== undefined && (layout === 'versions' || ownValue(earlier?.unsure, name) === context.txnSeq))
      kept.set(name, sent);
    else if (known !== undefined && isWhole(entry) && entry.sha256 === known.sha256) kept.set(name, known);
    else toSend.push({ name, entry });
  }
  const names = new Set(sources.map(({ name }) => name));
  const there = [...Object.keys(earlier?.files ?? {}), ...Object.keys(earlier?.unsure ?? {})];
  const gone = layout === 'mirror' ? [...new Set(there)].filter((name) => !names.has(name)) : [];
  return { kept, toSend, gone };
};

/** Result of what was sent; null: it is left out, because there is nothing to make it of, and never was. */
const sentUnlessWaiting = async <A>(
  sending: Promise<A>,
  context: FactoryContext,
  wasPublished: () => Promise<boolean>,
): Promise<A | null> => {
  try {
    return await sending;
  } catch (thrown) {
    if (!isTinyFsError(thrown) || !lacksSource(thrown) || (await wasPublished())) throw thrown;
    warnOfLeftOut(context, thrown);
    return null;
  }
};

/** Tells whether a file was published. An attempt may have ended before it sent what it called unsure: of that the store tells. */
const wasSent = (
  { context, store, done }: Exporting,
  earlier: ExportManifest | null,
  name: string,
): TaskEither<FactoryError, boolean> =>
  steps(async ({ run }) => {
    if (ownValue(earlier?.files, name) !== undefined || done.files.has(name)) return true;
    if (ownValue(earlier?.unsure, name) === undefined) return false;
    return (await run(ofStore(context, store.head(name)))) !== null;
  });

const sendFile = (
  { context, store, layout, done }: Exporting,
  name: string,
  entry: Entry,
): TaskEither<FactoryError, ExportManifest['files'][string]> =>
  steps(async ({ run }) => {
    const key = layout === 'mirror' ? name : `v${context.txnSeq}/${name}`;
    const content = await run(
      pipe(
        context.fs.read(entry.path),
        TE.mapLeft((error) => failure(context, describeTinyFsError(error))),
      ),
    );
    const object = { key, contentType: contentTypeOf(name, entry.entryType), size: entry.size ?? 0 };
    // Nothing is under the key before the content has ended.
    const whole = endingWith(content, () => done.touched.add(name));
    return { key, ...(await run(ofStore(context, sendStream(store, object, whole)))) };
  });

async function* endingWith(content: ByteStream, onEnd: () => void): ByteStream {
  yield* content;
  onEnd();
}

const ofStore = <A>(
  context: Pick<FactoryContext, 'path'>,
  call: TaskEither<StoreError, A>,
): TaskEither<FactoryError, A> =>
  pipe(
    call,
    TE.mapLeft((error) => storeFailed(context, error)),
  );

/** The SHA-256 of an entry is that of its whole content, which a series' and a made file's is not. */
const isWhole = ({ entryType }: Entry): boolean => entryType === 'file' || entryType === 'table';
