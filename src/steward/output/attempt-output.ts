import { isLeft } from 'fp-ts/lib/Either.js';
import { type OutputFiles, type OutputPlace, outputFile } from './output-file.js';

/** Bytes that stay in memory at most. */
const MOST_BUFFERED = 16 * 1024;

/** Lines of one attempt: in memory, until somebody writes them into its file or takes them. */
export interface AttemptOutput {
  /** Adds the text of a line without its number, said at a time in microseconds. */
  readonly add: (line: string, time: number) => void;
  /** Time of the first line in memory; null: none is. */
  readonly since: () => number | null;
  /** Writes what is in memory into the file. */
  readonly write: () => void;
  /** Takes all lines, as long as none of them is in the file; null: there are none, or they are there now. */
  readonly take: () => string | null;
}

export const attemptOutput = (
  files: OutputFiles,
  place: OutputPlace,
  sayOnce: (problem: string) => void,
): AttemptOutput => {
  const file = outputFile(files, place);
  let buffered: string[] = [];
  let bufferedBytes = 0;
  let firstAt = 0;
  let isLost = false;

  const takeBuffered = (): readonly string[] => {
    const lines = buffered;
    buffered = [];
    bufferedBytes = 0;
    return lines;
  };
  const write = (): void => {
    if (buffered.length === 0) return;
    const written = file.append(takeBuffered());
    if (!isLeft(written)) return;
    const { path, call, code } = written.left;
    isLost = true;
    sayOnce(`${path}: ${call} failed: ${code}`);
  };
  return {
    add: (line, time) => {
      if (isLost) return;
      if (buffered.length === 0) firstAt = time;
      buffered.push(line);
      bufferedBytes += line.length;
      if (bufferedBytes >= MOST_BUFFERED) write();
    },
    since: () => (buffered.length === 0 ? null : firstAt),
    write,
    take: () => {
      if (buffered.length === 0) return null;
      if (!file.isBegun()) return file.numbered(takeBuffered());
      write();
      return null;
    },
  };
};
