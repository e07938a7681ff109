import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { bytes, wholeNumber } from '../../option-values.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';
import { declarePlace, placeGiven } from './place-options.js';

export const command: CommandDefinition = {
  declare: (command) => {
    declarePlace(command.argument('<name>').argument('<url>', 's3://bucket/prefix or file:///directory'))
      .option('--max-bytes <n>', 'bytes that a day may have, 500MB', bytes)
      .option('--max-requests <n>', 'requests that a day may have', wholeNumber)
      .option('--replace', 'a remote of that name leads here from now on');
  },
  examples: [
    ['remote add backup s3://my-bucket/pond', "a bucket of Amazon's; credentials from the environment"],
    ['remote add nas s3://pond --endpoint https://nas.local:9000', 'a server of your own'],
    ['remote add disk file:///media/disk/pond', 'a directory'],
  ],
  run: (invocation) => {
    const { given } = invocation;
    const [name = '', url = ''] = given.operands;
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
      return TE.left<CliError>(
        usage(`${JSON.stringify(name)} is not a name of a remote`, 'use letters, digits, - and _'),
      );
    }
    if (!/^(s3|file):\/\//.test(url)) {
      return TE.left<CliError>(
        usage(`${JSON.stringify(url)} is not an address`, 's3://bucket/prefix or file:///directory'),
      );
    }
    const maxBytes = given.number('maxBytes');
    const maxRequests = given.number('maxRequests');
    const remote = {
      ...placeGiven(given, url),
      ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
      ...(maxRequests === undefined ? {} : { max_requests: maxRequests }),
    };
    return pipe(
      invocation,
      withPond((steward) =>
        pipe(
          steward.addRemote(name, remote, { replace: given.flag('replace') }),
          TE.flatMap(reportWrite(invocation)),
        ),
      ),
    );
  },
};
