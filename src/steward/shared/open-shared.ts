import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as IOE from 'fp-ts/lib/IOEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { StorePlace } from '../../ports/object-store.js';
import { LOG_PREFIX } from '../../remotes/remote-keys.js';
import type { Bucket } from '../../shared-table/bucket.js';
import { newSharedTLog, openSharedTLog } from '../../shared-table/shared-tlog.js';
import { probeStore } from '../../stores/probe.js';
import { type ReliableStore, reliableStore } from '../../stores/reliable-store.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { layout } from '../pond/pond.js';
import { encodePondFile, POND_FILE, type PondFile, readPondFile } from '../pond/pond-file.js';
import type { Confine, SharedControl, SharedEntrance } from '../pond/shared-pond.js';
import { storesOutside } from '../pond/stores-outside.js';
import type { OpenOptions } from '../shapes/open-options.js';
import type { StewardPorts } from '../steward-ports.js';
import { commandText } from '../trust/pond-trust.js';
import { cacheDirectory } from './cache-directory.js';
import { controlAt } from './control-address.js';
import { approveControl, refuseUntrustedControl } from './control-trust.js';
import { prepareControl } from './prepare-control.js';

/** Bytes of data files and blobs that a directory of copies keeps. */
const CACHE_BYTES = 10 * 1024 * 1024 * 1024;

/** Place of a pond that its address and the options name. */
const placeOf = (url: string, { endpoint, region }: OpenOptions): StorePlace => ({
  url: url.replace(/\/+$/, ''),
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(region === undefined ? {} : { region }),
});

/**
 * Comes to a pond in a store: reads there what pond it is and where its control table is, which must be approved or named. The store
 * is let go of by closing what comes of it.
 */
export const enterShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: OpenOptions,
): TE.TaskEither<PondError, SharedEntrance> => {
  const place = placeOf(url, options);
  return withStore(ports, place, (store, close) =>
    steps<PondError, SharedEntrance>(async ({ run, take, fail }) => {
      const found = await run(readPondFile(store));
      if (found === null) {
        const isTable = await run(hasTable(store));
        return fail({ ...(isTable ? { found: 'table' } : {}), _tag: 'NotAPond', path: place.url });
      }
      const { file } = found;
      const address = options.control ?? file.control;
      const control = take(controlAt(address));
      if (options.control === undefined) {
        take(refuseUntrustedControl(ports, place, address, options.trust ?? 'approved'));
      }
      const { directory, bucket, confined } = await run(
        cacheFor(ports, confine, place, store, options, control),
      );
      const tlog = await run(openSharedTLog(bucket, { cacheBytes: CACHE_BYTES, pondId: file.pond_id }));
      if (tlog.pondId !== file.pond_id) {
        return fail({
          _tag: 'PondFileUnusable',
          path: `${place.url}/${POND_FILE}`,
          problem: `it speaks of the pond ${file.pond_id}, and ${tlog.pondId} lies here`,
        });
      }
      if (options.control !== undefined) {
        approveControl(ports, place, address, commandText(options.cliArgs ?? []));
      }
      return {
        ports: confined,
        directory,
        shared: { address: place.url, place, store, tlog, control, confine, close },
      };
    }),
  );
};

/** The pond that is to be made, and what says so once it is. */
export interface SharedBeginning extends SharedEntrance {
  readonly pondId: string;
}

/**
 * Comes to a place in a store where a pond is to be made. The store must heed the conditions of writes. `_pond.json` is there before the first
 * commit: an `init` that was interrupted in between is gone on with, under the same identity.
 */
export const beginShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: OpenOptions & { readonly birthplace?: string; readonly sharedWith?: number },
): TE.TaskEither<PondError, SharedBeginning> => {
  const place = placeOf(url, options);
  return withStore(ports, place, (store, close) =>
    steps<PondError, SharedBeginning>(async ({ run, take, fail }) => {
      if (options.sharedWith !== undefined) {
        return fail({
          _tag: 'NotForSharedPonds',
          call: '--shared',
          reason: 'the store and the database say who may use it',
        });
      }
      if (options.control === undefined) {
        return fail({
          _tag: 'InvalidControl',
          address: '',
          problem: 'a pond in a store needs --control postgres://host/database for its control table',
        });
      }
      const control = take(controlAt(options.control));
      await run(probeStore(store, ports.ids.uuidV7()));
      const { directory, bucket, confined } = await run(
        cacheFor(ports, confine, place, store, options, control),
      );
      const birthplace = options.birthplace ?? ports.host.hostName;
      const identity = { pondId: ports.ids.uuidV7(), birthplace };
      await run(pipe(newSharedTLog(bucket, identity).head(), TE.orElseW(aboutTable(store))));
      const pondId = await run(
        reserve(store, { format: 1, pond_id: identity.pondId, control: options.control }),
      );
      approveControl(ports, place, options.control, commandText(options.cliArgs ?? []));
      const tlog = {
        ...newSharedTLog(bucket, { pondId, birthplace }),
        alone: () => () => undefined,
        copied: async () => undefined,
      };
      return {
        ports: confined,
        directory,
        pondId,
        shared: { address: place.url, place, store, tlog, control, confine, close },
      };
    }),
  );
};

/** Tells whether a Delta table lies in a store: a pond's, a remote's, or that of another program. */
const hasTable = (store: ReliableStore): TE.TaskEither<PondError, boolean> =>
  pipe(
    store.list({ prefix: LOG_PREFIX }),
    TE.map((entries) => entries.length > 0),
    TE.mapLeft((error): PondError => error),
  );

/** Says of a table that keeps a pond from being made that it is none, where nothing there says that it is. */
const aboutTable =
  (store: ReliableStore) =>
  (error: PondError): TE.TaskEither<PondError, never> =>
    error._tag === 'PondExists'
      ? pipe(
          readPondFile(store),
          TE.flatMap((found) => TE.left<PondError>(found === null ? { ...error, found: 'table' } : error)),
        )
      : TE.left(error);

/** Writes what pond lies there; returns its id, which is that of an `init` that was interrupted where there was one. */
const reserve = (store: ReliableStore, file: PondFile): TE.TaskEither<PondError, string> =>
  steps<PondError, string>(async ({ run, fail }) => {
    const content = encodePondFile(file);
    const put = await store.put({ key: POND_FILE, content, condition: { _tag: 'Absent' } })();
    if (!isLeft(put)) return file.pond_id;
    if (put.left._tag !== 'ConditionFailed') return fail(put.left);
    const found = await run(readPondFile(store));
    if (found !== null && found.file.control === file.control) return found.file.pond_id;
    const condition =
      found === null ? { _tag: 'Absent' as const } : { _tag: 'Unchanged' as const, etag: found.etag };
    await run(store.put({ key: POND_FILE, content, condition }));
    return file.pond_id;
  });

const cacheFor = (
  ports: StewardPorts,
  confine: Confine,
  place: StorePlace,
  store: ReliableStore,
  options: OpenOptions,
  control: SharedControl,
): TE.TaskEither<
  PondError,
  { readonly directory: string; readonly bucket: Bucket; readonly confined: StewardPorts }
> =>
  steps(async ({ run, take }) => {
    const directory = take(cacheDirectory(ports, place, options.cache));
    await run(prepareControl(ports, directory, control));
    const own = confine(directory);
    const stores = storesOutside(own.stores, ports, { directory, shared: { place } });
    const confined = { ...own, stores };
    const bucket: Bucket = {
      store,
      files: ofCopies(confined.files),
      dataDir: layout(directory).data,
      ids: ports.ids,
      now: () => Math.floor(ports.clock.nowMicros() / 1000),
      giveWay: ports.clock.giveWay,
    };
    return { directory, bucket, confined };
  });

/** Files of copies: that their names are there after a power loss, too, nobody need wait for. */
const ofCopies = (files: StewardPorts['files']): StewardPorts['files'] => ({
  ...files,
  fsyncDirectory: () => IOE.right(undefined),
});

/** Opens a store for as long as what is made of it lives; it is let go of at once where nothing is. */
const withStore = <A>(
  ports: StewardPorts,
  place: StorePlace,
  use: (store: ReliableStore, close: () => void) => TE.TaskEither<PondError, A>,
): TE.TaskEither<PondError, A> =>
  pipe(
    ports.stores.open(place),
    TE.mapLeft((error): PondError => error),
    TE.flatMap((store) => {
      const signal = new AbortController().signal;
      const reliable = reliableStore(store, { ...ports, trace: callerContext(ports.host), signal });
      return pipe(
        use(reliable, store.close),
        TE.tapError(() => TE.fromIO(store.close)),
      );
    }),
  );
