import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { directoryAsSource } from '../source-directory.js';
import { failure, refusal } from './export-failures.js';
import { manifestKey } from './export-manifest.js';
import type { S3ExportConfig } from './s3-export-config.js';

/** A file that is exported, and its name there. */
export interface Source {
  readonly name: string;
  readonly entry: Entry;
}

/** Files that the configuration names. Two of one name are refused, and one that would be the export's own list. */
export const sourcesOf = (
  context: FactoryContext,
  { source, strip_prefix: prefix = '/', layout = 'mirror' }: S3ExportConfig,
): TaskEither<FactoryError, readonly Source[]> =>
  steps(async ({ run, fail }) => {
    const matches = await run(
      pipe(
        context.fs.collectMatches(source),
        TE.mapLeft((error) => failure(context, describeTinyFsError(error))),
      ),
    );
    const [closed] = matches.unreadable;
    if (closed !== undefined) return fail(failure(context, describeTinyFsError(closed.error)));
    const problem = directoryAsSource(source, matches.entries);
    if (problem !== null) return fail(refusal(context, problem));
    const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
    const sources = new Map<string, Entry>();
    for (const entry of matches.entries) {
      if (!EXPORTED.has(entry.entryType) || entry.path === context.path) continue;
      const name = entry.path.startsWith(base) ? entry.path.slice(base.length) : entry.path.slice(1);
      const other = sources.get(name);
      if (other !== undefined)
        return fail(
          refusal(
            context,
            `${other.path} and ${entry.path} would both be ${name}: rename one, or change config.strip_prefix or config.source`,
          ),
        );
      if (layout === 'mirror' && name === manifestKey(layout))
        return fail(
          refusal(
            context,
            `${entry.path} would take the place of the export's own list, ${name}: rename it, or leave it out of config.source`,
          ),
        );
      sources.set(name, entry);
    }
    return [...sources].map(([name, entry]) => ({ name, entry }));
  });

const EXPORTED: ReadonlySet<string> = new Set(['file', 'table', 'series', 'file:dynamic']);
