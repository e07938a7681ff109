import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Steward } from '../../steward/steward.js';
import { type Changes, pondNames } from './exchange/shown-pond.js';
import { type HttpOptions, type HttpPorts, type ServeHttpError, serveHttp } from './serve-http.js';

/** Milliseconds that requests under way have to end in when the server is told to stop. */
const GRACE = 5_000;

/** A pond as it is served. */
interface Shown {
  readonly steward: Steward;
  readonly changes: Changes;
}

/** Lines for who has started a server, and its end. */
interface Running {
  readonly says: readonly string[];
  readonly end: () => Promise<void>;
}

/** The server as a part of what serves ponds. */
export const showing = (ports: HttpPorts, options: HttpOptions) => ({
  begin: (ponds: readonly Shown[]): TE.TaskEither<ServeHttpError, Running> => {
    const names = pondNames(ponds.map(({ steward }) => steward.directory));
    const shown = ponds.map(({ steward, changes }, at) => ({ name: names[at] ?? '', steward, changes }));
    return pipe(
      serveHttp(ports, shown, options),
      TE.map(({ links: [link = ''], close }) => ({
        says: [options.saysToken ? `open ${link}` : withoutToken(link)],
        end: close(GRACE),
      })),
    );
  },
});

const withoutToken = (link: string): string =>
  `the page is at ${link.replace(/#.*$/, '')}, and its link, which is secret, is told by: pond serve --print-link`;
