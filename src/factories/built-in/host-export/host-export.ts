import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { clearTheWay, executeOnHost, type PublicationDeps, placeProblem } from '../host-publication.js';
import { directoryAsSource } from '../source-directory.js';
import { lacksSource, warnOfLeftOut } from '../waiting-source.js';
import { HostExportConfig, hostExportReference } from './host-export-config.js';
import { describeHostExportError, type HostExportError } from './host-export-error.js';
import { emptyManifest, type Manifest, readManifest } from './host-export-manifest.js';
import {
  type ExportedFile,
  type ExportState,
  mirrorOperations,
  versionOperations,
} from './host-export-plan.js';
import { type ExportStaging, hashOfHostFile, openStaging, type StagingPlace } from './host-export-staging.js';

export interface HostExportDeps extends PublicationDeps {
  readonly staging: StagingPlace;
}

const KEEP = 3;

/**
 * Publishes files of a commit to a directory of the host's by one host plan: all of them or none. What it exported
 * is written down in the target (`.pond-export.json`), so that it replaces and deletes nothing else, and never goes
 * back behind a newer publication.
 */
export const hostExport = (deps: HostExportDeps): ExecutableFactory<HostExportConfig> => ({
  name: 'host-export',
  description: 'Publishes files to a directory of the host, all or nothing.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  changesHost: true,
  config: HostExportConfig,
  reference: hostExportReference,
  prepare: (context, { target }) => {
    const problem = placeProblem(deps, target);
    return problem === null ? TE.right(undefined) : TE.left(failed(context, problem));
  },
  execute: (context, config) =>
    pipe(
      steps<HostExportError, void>((s) => publish(s, deps, context, config)),
      TE.mapLeft((error) => failed(context, describeHostExportError(error))),
    ),
});

type Work = Steps<HostExportError>;

const publish = async (
  s: Work,
  deps: HostExportDeps,
  context: FactoryContext,
  config: HostExportConfig,
): Promise<void> => {
  const superseded = (by: number) =>
    context.log.log('info', 'export_superseded', { txn_seq: context.txnSeq, superseded_by: by });
  if (context.supersededBy !== null) return superseded(context.supersededBy);

  await s.run(clearTheWay(deps, config.target));
  // Also what undoing has just brought back.
  deps.staging.clearAbandoned();
  const manifest = s.take(manifestOf(deps, context, config));
  if (manifest.txn_seq > context.txnSeq) return superseded(manifest.txn_seq);

  const staging = openStaging(deps.hostPlans.files, deps.staging);
  try {
    const exporting: Exporting = { deps, context, config, manifest, staging };
    const { operations, manifest: next } =
      (config.layout ?? 'mirror') === 'mirror' ? await mirror(s, exporting) : await version(s, exporting);
    if (JSON.stringify(next) === JSON.stringify(manifest) && operations.length <= 1) return;
    await s.run(executeOnHost(deps, context, operations));
    context.log.log('info', 'exported', { target: config.target, files: operations.length - 1 });
  } finally {
    staging.clear();
  }
};

/** An export under way: what is asked for, what was exported before, and where contents wait. */
interface Exporting {
  readonly deps: HostExportDeps;
  readonly context: FactoryContext;
  readonly config: HostExportConfig;
  readonly manifest: Manifest;
  readonly staging: ExportStaging;
}

/** Operations of an export, and the manifest that it leaves. */
type Exported = ReturnType<typeof mirrorOperations>;

/** Refuses a directory that somebody else exports to, or that was exported to in another layout. */
const manifestOf = (
  { hostPlans }: HostExportDeps,
  { pondId, path }: FactoryContext,
  { target, layout = 'mirror' }: HostExportConfig,
): Either<HostExportError, Manifest> => {
  const read = readManifest(hostPlans.files, target);
  if (isLeft(read)) return read;
  const found = read.right;
  if (found === null) return right(emptyManifest({ pond_id: pondId, config_path: path, layout }));
  if (found.pond_id !== pondId || found.config_path !== path) {
    return left({ _tag: 'BelongsToAnother', target, configPath: found.config_path, pondId: found.pond_id });
  }
  return found.layout === layout
    ? right(found)
    : left({ _tag: 'OtherLayout', target, found: found.layout, wanted: layout });
};

const mirror = async (s: Work, exporting: Exporting): Promise<Exported> => {
  const { deps, context, config, manifest } = exporting;
  const { files } = deps.hostPlans;
  const hashes = new Map<string, string | null>();
  const onHost = async (name: string): Promise<string | null> => {
    const known = hashes.get(name);
    const hash = known === undefined ? await hashOfHostFile(files, `${config.target}/${name}`) : known;
    hashes.set(name, hash);
    return hash;
  };
  const wanted: ExportedFile[] = [];
  for (const { name, entry } of await sourcesOf(s, context, config)) {
    const isThere = entry.sha256 !== null && (await onHost(name)) === entry.sha256 && isWhole(entry);
    if (isThere && entry.sha256 !== null) wanted.push({ name, staged: null, sha256: entry.sha256 });
    else {
      const staged = await stage(s, exporting, entry, () => Object.hasOwn(manifest.files, name));
      if (staged === null) continue;
      const { path, sha256: hash } = staged;
      wanted.push({ name, staged: (await onHost(name)) === hash ? null : path, sha256: hash });
    }
  }
  const unchanged = new Set<string>();
  for (const [name, hash] of Object.entries(manifest.files)) {
    if ((await onHost(name)) === hash) unchanged.add(name);
  }
  return mirrorOperations(stateOf(exporting), wanted, unchanged);
};

/** The SHA-256 of an entry is that of its whole content, which a series' is not. */
const isWhole = ({ entryType }: Entry): boolean => entryType === 'file' || entryType === 'table';

const version = async (s: Work, exporting: Exporting): Promise<Exported> => {
  const { deps, context, config, manifest } = exporting;
  const state = stateOf(exporting);
  // Published before the attempt's end could be recorded.
  const isDone = manifest.txn_seq === context.txnSeq && manifest.versions.includes(context.txnSeq);
  if (isDone) return { operations: [], manifest };
  const own = `${config.target}/v${context.txnSeq}`;
  if (!state.isMissing(own)) return s.fail({ _tag: 'NotExported', path: own });
  const current = deps.hostPlans.files.readLink(`${config.target}/current`)();
  if (isLeft(current) && current.left.code === 'EINVAL') {
    return s.fail({ _tag: 'NotASymlink', path: `${config.target}/current` });
  }
  if (!isLeft(current) && manifest.versions.length === 0) {
    return s.fail({ _tag: 'NotExported', path: `${config.target}/current` });
  }
  const wanted: ExportedFile[] = [];
  for (const { name, entry } of await sourcesOf(s, context, config)) {
    const wasThere = () => !isLeft(current) && !state.isMissing(`${config.target}/current/${name}`);
    const staged = await stage(s, exporting, entry, wasThere);
    if (staged !== null) wanted.push({ name, staged: staged.path, sha256: staged.sha256 });
  }
  return versionOperations(state, wanted, {
    keep: config.keep ?? KEEP,
    current: isLeft(current) ? null : current.right,
  });
};

/** Stages a content; null: it is left out, because there is nothing to make it of, and never was. */
const stage = async (
  s: Work,
  { context, staging }: Exporting,
  { path }: Entry,
  wasPublished: () => boolean,
): Promise<{ readonly path: string; readonly sha256: string } | null> => {
  const { fs, signal } = context;
  if (signal.aborted) return s.fail({ _tag: 'PublicationStopped', reason: describeAbort(signal) });
  const content = await s.run(pipe(fs.read(path), TE.mapLeft(unreadable)));
  const staged = await staging.add(path, content)();
  if (!isLeft(staged)) return staged.right;
  const { left: failure } = staged;
  if (failure._tag !== 'ContentUnreadable' || !lacksSource(failure.error) || wasPublished())
    return s.fail(failure);
  warnOfLeftOut(context, failure.error);
  return null;
};

const unreadable = (error: TinyFsError): HostExportError => ({ _tag: 'ContentUnreadable', error });

/** The files that match, by their names in the target. */
const sourcesOf = async (
  s: Work,
  { fs, path: own }: FactoryContext,
  { source, strip_prefix: prefix = '/' }: HostExportConfig,
): Promise<readonly { readonly name: string; readonly entry: Entry }[]> => {
  const matches = await s.run(pipe(fs.collectMatches(source), TE.mapLeft(unreadable)));
  const [closed] = matches.unreadable;
  if (closed !== undefined) return s.fail({ _tag: 'SourceUnreadable', error: closed.error });
  const problem = directoryAsSource(source, matches.entries);
  if (problem !== null) return s.fail({ _tag: 'SourceIsDirectory', problem });
  const base = prefix.endsWith('/') ? prefix : `${prefix}/`;
  const found: { readonly name: string; readonly entry: Entry }[] = [];
  for (const match of matches.entries) {
    const entry = match.entryType === 'symlink' ? await targetOf(fs, match) : match;
    if (entry === null || entry.entryType === 'directory' || entry.entryType === 'directory:dynamic')
      continue;
    if (match.path === own) continue;
    found.push({
      name: match.path.startsWith(base) ? match.path.slice(base.length) : match.path.slice(1),
      entry,
    });
  }
  return found;
};

/** Returns what a symlink of the pond leads to; null where that is nothing. */
const targetOf = async (fs: FactoryContext['fs'], { path }: Entry): Promise<Entry | null> => {
  const target = await fs.stat(path)();
  return isLeft(target) ? null : { ...target.right, path };
};

const stateOf = ({
  deps: {
    hostPlans: { files },
  },
  context: { txnSeq },
  config: { target },
  manifest,
}: Exporting): ExportState => ({
  target,
  manifest,
  txnSeq,
  isMissing: (path) => isLeft(files.stat(path)()),
  namesIn: (path) => {
    const names = files.readDirectory(path)();
    return isLeft(names) ? [] : names.right;
  },
});

const failed = ({ path }: FactoryContext, message: string): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'host-export',
  message,
});
