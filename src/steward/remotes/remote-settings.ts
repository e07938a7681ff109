import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { newestSettings } from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import type { RemoteSettings } from '../shapes/remote-reports.js';

/** A remote of the settings, by its name. */
export interface NamedRemote {
  readonly name: string;
  readonly settings: RemoteSettings;
}

/** The remotes of the newest state, by name; one of them, or all where none is named. `NoSuchRemote` where there is none. */
export const remotesOf = (pond: Pond, name: string | null): TaskEither<PondError, readonly NamedRemote[]> =>
  steps(async ({ run, fail }) => {
    const { remotes } = await run(newestSettings(pond));
    const all = Object.entries(remotes)
      .map(([known, settings]) => ({ name: known, settings }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const found = name === null ? all : all.filter((remote) => remote.name === name);
    if (found.length > 0) return found;
    return fail({ _tag: 'NoSuchRemote', name, known: all.map((remote) => remote.name) });
  });

/** The remotes are used only where this user has approved the configuration that names them: credentials are sent there. */
export const refuseUntrustedRemotes = (pond: Pond): TaskEither<PondError, void> =>
  steps(async ({ run, fail }) => {
    const verdict = await run(pond.trust.judge(await run(pond.tlog.snapshot())));
    if (verdict._tag === 'NotTrusted') return fail(verdict.refusal);
  });

/** Refuses to let a name lead elsewhere than it does: what was pushed there would be left behind unseen. Null: it does not. */
export const refuseElsewhere = (
  remotes: Readonly<Record<string, RemoteSettings>>,
  name: string,
  { url, endpoint, region }: RemoteSettings,
): PondError | null => {
  const there = Object.hasOwn(remotes, name) ? remotes[name] : undefined;
  const isSame =
    there === undefined || (there.url === url && there.endpoint === endpoint && there.region === region);
  return isSame ? null : { _tag: 'RemoteExists', name, url: there.url };
};
