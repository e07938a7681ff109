import { isUtf8 } from 'node:buffer';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../domain/documents/json.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { EXIT, type ExitCode, isCliError } from '../exit-codes.js';
import { writeJson } from '../output.js';
import { outgoingContent } from './outgoing-content.js';

/**
 * Prints a content as it is, no faster than it is read. That nobody reads any more is a good end, too. As JSON it is
 * held in memory first, so that an error cannot come after half a document.
 */
export const printContent = (
  { terminal, options }: Invocation,
  content: ByteStream,
  about: JsonObject,
): TE.TaskEither<CliError, ExitCode> => {
  const chunks = outgoingContent(content, { signal: terminal.interrupt });
  return options.json
    ? pipe(
        readingFrom(() => gathered(chunks)),
        TE.flatMap((bytes) => TE.fromTask(() => writeJson(terminal, contentDocument(bytes, about)))),
        TE.map(() => EXIT.done),
      )
    : readingFrom(async () => {
        for await (const chunk of chunks) {
          if (!(await terminal.writeOut(chunk))) break;
        }
        return EXIT.done;
      });
};

/** Text as text; what is not UTF-8 in base 64. */
const contentDocument = (bytes: Buffer, about: JsonObject): JsonObject => ({
  ...about,
  size: bytes.length,
  ...(isUtf8(bytes)
    ? { encoding: 'utf-8', content: bytes.toString('utf8') }
    : { encoding: 'base64', content: bytes.toString('base64') }),
});

const gathered = async (content: ByteStream): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Errors that a content throws while it is read are errors of the pond; anything else is a bug and stays thrown. */
export const readingFrom =
  <A>(read: () => Promise<A>): TE.TaskEither<CliError, A> =>
  async () => {
    try {
      return await TE.right(await read())();
    } catch (thrown) {
      if (!isCliError(thrown)) throw thrown;
      return TE.left(thrown)();
    }
  };
