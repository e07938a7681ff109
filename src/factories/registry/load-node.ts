import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import type { MadeNode, VirtualEntry } from '../../tinyfs/dynamic-nodes.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { ContentContext, Factory, FactoryError } from '../factory.js';
import { type Guarded, guardStream, guardTask } from './guard.js';
import type { ResolvedConfiguration } from './resolved-configuration.js';

/** Loads a dynamic node whose configuration is known. The factory is called when the node is read or listed. */
export const loadNode = (
  factory: Exclude<Factory, { readonly kind: 'executable' }>,
  { config, redact }: ResolvedConfiguration,
  context: ContentContext,
): MadeNode => {
  const guarded: Guarded = { path: context.path, factory: factory.name };
  const failed = (error: FactoryError): TinyFsError => ({
    _tag: 'DynamicNodeFailed',
    ...guarded,
    message: redact('message' in error ? error.message : error._tag),
  });
  return factory.kind === 'file'
    ? {
        kind: 'file',
        open: () =>
          pipe(
            guardTask(guarded, () => factory.createFile(context, config)),
            TE.bimap(failed, (content) => guardStream(guarded, () => content, redact)),
          ),
      }
    : {
        kind: 'directory',
        list: () =>
          pipe(
            guardTask(guarded, () => factory.createDirectory(context, config)),
            TE.bimap(failed, (entries) => entries.map((entry) => guardEntry(guarded, entry, redact))),
          ),
      };
};

/** The entries' own content and entries are made by the factory's code, too. */
const guardEntry = (guarded: Guarded, entry: VirtualEntry, redact: Redact): VirtualEntry =>
  entry.kind === 'file'
    ? { ...entry, open: () => guardStream(guarded, entry.open, redact) }
    : {
        ...entry,
        list: () => async () => {
          const listed = await guardTask(guarded, () => listOf(entry))();
          if (isLeft(listed)) {
            const message = redact('message' in listed.left ? listed.left.message : listed.left._tag);
            return left({ _tag: 'DynamicNodeFailed', ...guarded, message });
          }
          return isLeft(listed.right)
            ? listed.right
            : right(listed.right.right.map((inner) => guardEntry(guarded, inner, redact)));
        },
      };

const listOf = (entry: Extract<VirtualEntry, { readonly kind: 'directory' }>) => async () =>
  right(await entry.list()());
