import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { steps } from '../../../effects/steps.js';
import type { ReliableStore } from '../../../stores/reliable-store.js';
import type { StoreError } from '../../../stores/store-error.js';

const ManifestCodec = t.intersection(
  [
    t.type({
      /** The export that it belongs to. */
      pond_id: t.string,
      config_path: t.string,
      layout: t.keyof({ mirror: null, versions: null }),
      /** The commit whose files these are. */
      txn_seq: t.number,
      /** Files by their names: where each lies, and what it is. `sha256` is that of the bytes. */
      files: t.record(t.string, t.type({ key: t.string, sha256: t.string, size: t.number })),
    }),
    t.partial({
      /**
       * Names of objects that may be anything, each with the newest commit whose export was about to send or remove it: an attempt is
       * under way, or broke off, or sent what is older than this. The next attempt sends or removes them, whatever they are.
       */
      unsure: t.record(t.string, t.number),
    }),
  ],
  'manifest',
);

/** List of what an export has sent: with `mirror` in `.pond-export.json`, with `versions` in `current.json`, which is what readers begin with. */
export type ExportManifest = t.TypeOf<typeof ManifestCodec>;

export const manifestKey = (layout: ExportManifest['layout']): string =>
  layout === 'mirror' ? '.pond-export.json' : 'current.json';

/** A manifest as it is there, with the tag by which it is replaced. Null: there is none. `unreadable`: it is something else. */
export const readManifest = (
  store: ReliableStore,
  layout: ExportManifest['layout'],
): TaskEither<
  StoreError,
  { readonly manifest: ExportManifest | 'unreadable'; readonly etag: string } | null
> =>
  steps(async ({ fail }) => {
    const read = await store.get({ key: manifestKey(layout) })();
    if (isLeft(read)) return read.left._tag === 'ObjectMissing' ? null : fail(read.left);
    const { content, etag } = read.right;
    return { manifest: parsed(content), etag };
  });

/** Writes a manifest where the one that was read, `etag`, is still there; null: where there is none. */
export const putManifest = (
  store: ReliableStore,
  manifest: ExportManifest,
  etag: string | null,
): TaskEither<StoreError, { readonly etag: string }> =>
  store.put({
    key: manifestKey(manifest.layout),
    content: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
    condition: etag === null ? { _tag: 'Absent' } : { _tag: 'Unchanged', etag },
    contentType: 'application/json',
  });

const parsed = (content: Uint8Array): ExportManifest | 'unreadable' => {
  try {
    const decoded = ManifestCodec.decode(JSON.parse(Buffer.from(content).toString()));
    return isLeft(decoded) ? 'unreadable' : decoded.right;
  } catch (error) {
    if (error instanceof SyntaxError) return 'unreadable';
    throw error;
  }
};
