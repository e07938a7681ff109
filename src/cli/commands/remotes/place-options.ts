import type { Command } from 'commander';
import type { StorePlace } from '../../../ports/object-store.js';
import type { CommandArguments } from '../../command-arguments.js';
import { webAddress } from '../../option-values.js';

/** Declares where an S3 store is that is not Amazon's. */
export const declarePlace = (command: Command): Command =>
  command
    .option('--endpoint <url>', 'the server of an S3 store other than Amazon: https://host:port', webAddress)
    .option('--region <name>', 'the region of the bucket');

/** The place of an address and these options. Credentials come from the environment. */
export const placeGiven = (given: CommandArguments, url: string): StorePlace => {
  const endpoint = given.text('endpoint');
  const region = given.text('region');
  return {
    url,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
  };
};
