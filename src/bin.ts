import { QUERY_PROCESS } from './adapters/query-process/messages.js';
import { runExecutable } from './run-executable.js';

/** Tells whether a process of this executable started this one to have queries answered. */
const isQueryProcess = process.argv[2] === QUERY_PROCESS && process.send !== undefined;

// Help, the version and usage errors run nothing of what is behind this import.
void (isQueryProcess
  ? import('./adapters/query-process/answer-queries.js').then(({ answerQueries }) => answerQueries())
  : runExecutable(async (options) => (await import('./composition-root.js')).connectProcess(options)));
