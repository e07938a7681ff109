import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { FactoryError, GatherContext, Gathered } from '../../factory.js';
import { failingOf } from '../collecting/failing.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { archiveDevices } from './archive.js';
import { gatherReadings, requestsOf } from './collect.js';
import { hydroVuApi } from './hydrovu-api.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';

const USAGE = 'collect (the default), archive [--device NAME], or locations';

/** Request that the arguments after the path of `pond run` make. */
type Command =
  | { readonly _tag: 'Collect' }
  | { readonly _tag: 'Locations' }
  | { readonly _tag: 'Archive'; readonly devices: readonly HydroVuDevice[] };

/** Does before the transaction what the command needs from the server. */
export const gatherCommand = (
  deps: RequestDeps,
  context: GatherContext,
  config: HydroVuConfig,
): TaskEither<FactoryError, Gathered> => {
  const { failed } = failingOf('hydrovu', context);
  const command = commandOf(context.args, config);
  if (isLeft(command)) return TE.left(failed(command.left, { retryable: false }));
  switch (command.right._tag) {
    case 'Collect':
      return gatherReadings(deps, context, config);
    case 'Locations':
      return gatherLocations(deps, context, config);
    case 'Archive': {
      const { devices } = command.right;
      return TE.right({ write: (writer) => archiveDevices(deps, writer, config, devices) });
    }
  }
};

const commandOf = (
  [name = 'collect', ...rest]: readonly string[],
  { devices }: HydroVuConfig,
): Either<string, Command> => {
  if (name === 'collect' && rest.length === 0) return right({ _tag: 'Collect' });
  if (name === 'locations' && rest.length === 0) return right({ _tag: 'Locations' });
  if (name !== 'archive') return left(`${[name, ...rest].join(' ')} is not one of its commands: ${USAGE}`);
  const [option, wanted] = rest;
  if (option === undefined) return right({ _tag: 'Archive', devices });
  if (option !== '--device' || wanted === undefined || rest.length > 2)
    return left(`expected archive [--device NAME], got archive ${rest.join(' ')}`);
  const device = devices.find((each) => each.name === wanted);
  return device === undefined
    ? left(`config.devices has no device ${wanted}; it has ${devices.map((each) => each.name).join(', ')}`)
    : right({ _tag: 'Archive', devices: [device] });
};

/** Locations of the account, as whoever writes `devices` needs them. Nothing is written. */
const gatherLocations = (
  deps: RequestDeps,
  context: GatherContext,
  config: HydroVuConfig,
): TaskEither<FactoryError, Gathered> =>
  steps(async ({ fail }) => {
    const { failed } = failingOf('hydrovu', context);
    const locations = await hydroVuApi(deps.clock, requestsOf(deps, context, config), config).locations();
    if (isLeft(locations))
      return fail(failed(locations.left.message, { retryable: locations.left.retryable }));
    const told = locations.right.map(({ id, name, description }) => ({ id, name, description }));
    return {
      write: (writer) => {
        writer.report({ locations: told.slice(0, 400), locations_total: told.length });
        return TE.right([]);
      },
    };
  });
