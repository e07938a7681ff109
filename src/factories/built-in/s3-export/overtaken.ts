import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { shellWord } from '../../../domain/shell-word.js';
import { steps } from '../../../effects/steps.js';
import type { ReliableStore } from '../../../stores/reliable-store.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { refusal, storeFailed } from './export-failures.js';
import { type ExportManifest, manifestKey, putManifest, readManifest } from './export-manifest.js';

/** The export of a newer commit, which has begun or is done. */
export interface NewerExport {
  readonly txnSeq: number;
}

/** Tries of writing into a manifest that others write, too. */
const TRIES = 5;
/** Names that a message has. */
const NAMED = 5;

/** The manifest of this export; one of somebody else is refused. Null: there is none. */
export const ownManifest = (
  context: Pick<FactoryContext, 'path' | 'pondId'>,
  store: ReliableStore,
  layout: ExportManifest['layout'],
): TaskEither<FactoryError, { readonly manifest: ExportManifest; readonly etag: string } | null> =>
  steps(async ({ fail }) => {
    const read = await readManifest(store, layout)();
    if (isLeft(read)) return fail(storeFailed(context, read.left));
    if (read.right === null) return null;
    const { manifest, etag } = read.right;
    if (manifest === 'unreadable')
      return fail(
        refusal(
          context,
          `${store.url}/${manifestKey(layout)} was not written by an export: it is left alone`,
        ),
      );
    if (manifest.pond_id !== context.pondId || manifest.config_path !== context.path)
      return fail(
        refusal(
          context,
          `${store.url} belongs to the export ${manifest.config_path} of the pond ${manifest.pond_id}`,
        ),
      );
    return { manifest, etag };
  });

/**
 * Says in the manifest of a newer export, where there is one, that objects may be this attempt's: that export sends them again where it is
 * under way, as the condition of its end fails, and otherwise the next one does. Fails where the newer one had ended already: then the
 * bucket is not as its commit until somebody exports.
 */
export const markUnsure = (
  context: Pick<FactoryContext, 'path' | 'pondId' | 'txnSeq'>,
  store: ReliableStore,
  touched: ReadonlySet<string>,
): TaskEither<FactoryError, void> =>
  steps(async ({ run, fail }) => {
    for (let count = 1; ; count += 1) {
      const there = await run(ownManifest(context, store, 'mirror'));
      if (there === null || there.manifest.txn_seq <= context.txnSeq) return;
      const { manifest: newer, etag } = there;
      const files = Object.entries(newer.files).filter(([name]) => !touched.has(name));
      const marks = [...touched].map((name) => [name, context.txnSeq] as const);
      const unsure = { ...newer.unsure, ...Object.fromEntries(marks) };
      const put = await putManifest(store, { ...newer, files: Object.fromEntries(files), unsure }, etag)();
      if (isLeft(put)) {
        if (put.left._tag === 'ConditionFailed' && count < TRIES) continue;
        return fail(storeFailed(context, put.left));
      }
      if (newer.unsure !== undefined) return;
      const names = [...touched].slice(0, NAMED).join(', ');
      const more = touched.size > NAMED ? ` and ${touched.size - NAMED} more` : '';
      return fail(
        refusal(
          context,
          `${store.url} was written by the export of commit ${newer.txn_seq} while this one sent ${names}${more}, which may be older there than that commit: the next export sends them again, and so does pond run ${shellWord(context.path)}`,
        ),
      );
    }
  });
