import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { parseYaml } from '../../../domain/documents/yaml-document.js';
import type { NotTrusted } from '../../../domain/not-trusted.js';
import { SETTINGS_PATH } from '../../../domain/paths/configuration-paths.js';
import { nearestName } from '../../../domain/text/nearest-name.js';
import { onDemand } from '../../../effects/on-demand.js';
import { steps } from '../../../effects/steps.js';
import { describeFactoryError } from '../../../factories/describe-factory-error.js';
import type { Factory, FactoryError } from '../../../factories/factory.js';
import type { Registry } from '../../../factories/registry/registry.js';
import type { PersistenceView } from '../../../tinyfs/persistence.js';
import { describeError } from '../../describe-error.js';
import type { PondError } from '../../errors.js';
import type { Settings } from '../../settings/settings.js';
import type { StewardPorts } from '../../steward-ports.js';
import type { Pond } from '../pond.js';
import type { NodeLoader } from './filesystems.js';
import { withoutCycles } from './without-cycles.js';

/** A module to load factories from, and the directory that relative names are taken from. */
interface ModuleToLoad {
  readonly specifier: string;
  readonly base: string;
}

/**
 * The factories that are known: the built-in ones, those of the modules named to this process, and those of the
 * modules in the settings; of two with one name the later one counts. A module that cannot be loaded is warned of
 * once: the entries that need it are rejected as unknown, and nothing else suffers.
 */
export const knownFactories = (
  ports: StewardPorts,
  builtIn: () => readonly Factory[],
  named: readonly string[],
  {
    directory: pondDirectory,
    hasManyMachines,
  }: { readonly directory: string; readonly hasManyMachines: boolean },
): Pond['registryFor'] => {
  const loaded = new Map<string, Promise<readonly Factory[]>>();
  const registries = new Map<string, Promise<Registry>>();

  const load = (module: ModuleToLoad): Promise<readonly Factory[]> => {
    const key = `${module.base}\0${module.specifier}`;
    const known = loaded.get(key) ?? loadFactories(ports, module)();
    loaded.set(key, known);
    return known;
  };
  const assemble = async (
    modules: readonly ModuleToLoad[],
    secretVariables: readonly string[],
    closed: NotTrusted | null,
  ): Promise<Registry> => {
    const byName = new Map(builtIn().map((factory) => [factory.name, factory]));
    for (const module of modules) {
      for (const factory of await load(module)) byName.set(factory.name, factory);
    }
    // Reading what is not a dynamic node needs no factories: what they need is loaded with the first registry.
    const { createRegistry } = await import('../../../factories/registering.js');
    const environment = ports.host.variables;
    return createRegistry([...byName.values()], {
      environment,
      closed,
      secretVariables,
      hasManyMachines,
    });
  };

  return (settings, closed) => () => {
    const modules = [
      ...named.map((specifier) => ({ specifier, base: ports.host.workingDirectory })),
      ...(closed === undefined ? (settings?.factoryModules ?? []) : []).map((specifier) => ({
        specifier,
        base: pondDirectory,
      })),
    ];
    const secretVariables = settings?.secretVariables ?? [];
    if (closed !== undefined) return assemble(modules, secretVariables, closed);
    const key = JSON.stringify([modules, secretVariables]);
    const known = registries.get(key) ?? assemble(modules, secretVariables, null);
    registries.set(key, known);
    return known;
  };
};

const registering = onDemand(() => import('../../../factories/registering.js'));

const loadFactories = (ports: StewardPorts, { specifier, base }: ModuleToLoad): Task<readonly Factory[]> =>
  pipe(
    ports.modules.load(specifier, base),
    TE.mapLeft(({ message }): FactoryError => ({ _tag: 'FactoryModuleFailed', module: specifier, message })),
    TE.flatMap((exports) =>
      registering(({ factoriesOf }) => TE.fromEither(factoriesOf(exports, specifier, ports.modules))),
    ),
    TE.getOrElse((error) => async (): Promise<readonly Factory[]> => {
      ports.logger.log('warn', 'factory_module_failed', { error: describeFactoryError(error) });
      return [];
    }),
  );

/**
 * Loader of dynamic nodes with a registry that is asked for when the first such node is met; it refuses those that
 * would run what this user has not approved.
 */
export const nodeLoaderOf = (
  { trust, ports: { contentChains } }: Pick<Pond, 'trust' | 'ports'>,
  registry: Task<Registry>,
): NodeLoader => ({
  load: (factory, config, context) =>
    pipe(
      TE.fromTask(registry),
      TE.flatMap((known) => {
        // What nobody here knows runs nothing, and is an error of its own.
        const refusal =
          known.facts(factory) === null ? null : trust.refuseToRead(context.path, { factory, config });
        return refusal === null ? known.load(factory, config, context) : TE.left(refusal);
      }),
      TE.map((node) => withoutCycles(contentChains, context.path, node)),
    ),
});

/** The factories known in one state of a pond; those of modules only where that state's configuration is trusted. */
export const registryOfState =
  (pond: Pond, view: PersistenceView): Task<Registry> =>
  async () => {
    const settings = await settingsOfState(pond, view);
    const refusal = await refusalToLoad(pond, settings, view);
    return pond.registryFor(settings, refusal ?? undefined)();
  };

/** Reason why the modules of a state's settings are not to be loaded; null where there are none, or they may be. */
const refusalToLoad = async (
  pond: Pond,
  settings: Settings | null,
  view: PersistenceView,
): Promise<NotTrusted | null> => {
  if (settings === null || settings.factoryModules.length === 0) return null;
  const verdict = await pond.trust.judge(view)();
  if (isLeft(verdict)) {
    const problem = describeError(verdict.left);
    const { directory } = pond;
    return { _tag: 'NotTrusted', directory, what: 'configuration', of: view.txnSeq, wouldRun: [], problem };
  }
  return verdict.right._tag === 'NotTrusted' ? verdict.right.refusal : null;
};

/**
 * The factories for running a task with the configuration of one state: those that it knew, and those that are known
 * now. Modules are code, not configuration: one that was made known since is what a retry was waiting for. `isNews`: the state has just been
 * heard of, and what is known beside it is what is known now; otherwise it is asked what is newest.
 */
export const registryForTask =
  (pond: Pond, configured: PersistenceView, { isNews }: { readonly isNews: boolean }): Task<Registry> =>
  async () => {
    const then = await settingsOfState(pond, configured);
    const newest = await (isNews ? newestKnown(pond) : pond.tlog.snapshot())();
    const now = isLeft(newest) ? null : await trustedSettingsOf(pond, newest.right);
    const modules = new Set([...(then?.factoryModules ?? []), ...(now?.factoryModules ?? [])]);
    const secretVariables = new Set([...(then?.secretVariables ?? []), ...(now?.secretVariables ?? [])]);
    return pond.registryFor({ factoryModules: [...modules], secretVariables: [...secretVariables] })();
  };

const newestKnown = ({ tlog }: Pick<Pond, 'tlog'>) =>
  pipe(
    tlog.head('known'),
    TE.flatMap(({ txnSeq }) => tlog.snapshot(txnSeq)),
  );

/** Unreadable settings count as none: they must not stop the write that mends them. */
const settingsOfState = async (pond: Pond, view: PersistenceView): Promise<Settings | null> => {
  const settings = await pond.configurations.settings(view)();
  return isLeft(settings) ? null : settings.right;
};

const trustedSettingsOf = async (pond: Pond, view: PersistenceView): Promise<Settings | null> => {
  const settings = await settingsOfState(pond, view);
  return (await refusalToLoad(pond, settings, view)) === null ? settings : null;
};

/** Present settings of a pond. */
export const newestSettings = (pond: Pond): TE.TaskEither<PondError, Settings> =>
  pipe(
    pond.tlog.snapshot(),
    TE.flatMap((view) => pond.configurations.settings(view)),
  );

/**
 * Refuses the mode of a factory that nobody can know. Where the settings name modules, which are not loaded to look at a
 * name, or cannot be read, which a setting may be about to mend, no name is refused.
 */
export const refuseUnknownFactory = (pond: Pond, key: string): TE.TaskEither<PondError, void> =>
  steps(async ({ run, fail }) => {
    if (!key.startsWith(FACTORY_MODE)) return;
    const view = await run(pond.tlog.snapshot());
    const settings = await settingsOfState(pond, view);
    if (settings === null || settings.factoryModules.length > 0) return;
    const name = key.slice(FACTORY_MODE.length);
    const registry = await registryOfState(pond, view)();
    if (registry.facts(name) !== null) return;
    const known = registry.list().map((factory) => factory.name);
    const meant = nearestName(name, known);
    const problem = `there is no factory "${name}"${meant === null ? '' : ` (did you mean ${meant}?)`}, and the setting "factories" names no modules of your own`;
    return fail({ _tag: 'InvalidSetting', path: SETTINGS_PATH, key, problem });
  });

const FACTORY_MODE = 'factory_modes.';

/**
 * Refuses modules that are not there; nothing of them is run to find that out. A pond that machines share is used where they
 * are not, too.
 */
export const refuseMissingModules = (pond: Pond, key: string, value: string): Either<PondError, void> => {
  if (key !== 'factories' || pond.shared !== null) return right(undefined);
  const modules = t.array(t.string).decode(parsedOrNull(value));
  // What is not a list of names is refused by whoever writes it.
  if (isLeft(modules)) return right(undefined);
  for (const specifier of modules.right) {
    const found = pond.ports.modules.find(specifier, pond.directory)();
    if (isRight(found)) continue;
    const problem = `${specifier}: ${found.left.message}; put it there first: relative names are taken from ${pond.directory}`;
    return left({ _tag: 'InvalidSetting', path: SETTINGS_PATH, key, problem });
  }
  return right(undefined);
};

const parsedOrNull = (value: string): unknown => {
  const parsed = parseYaml(Buffer.from(value));
  return isLeft(parsed) ? null : parsed.right;
};
