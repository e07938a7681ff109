import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn, setTimeout as timer } from 'node:timers/promises';
import type { Torn } from '../../../domain/secrets/torn-text.js';
import type { ChildSpec } from '../../../ports/processes.js';
import { lineSplitter } from './line-splitter.js';

/** Output of a child, read while it runs. */
export interface OutputReading {
  /**
   * Reads the rest, when the child has ended. Others may hold the pipes: those in its group are given a
   * moment and then ended by `endLeftovers`; those that have left it are not waited for.
   */
  readonly rest: (endLeftovers: () => Promise<void>) => Promise<void>;
  /** Lets go of the pipes. No line comes after it. */
  readonly close: () => void;
}

/** Milliseconds for what is about to end anyhow, such as the `tee` of `exec > >(tee log)`. */
const LEFTOVERS_MS = 250;
/** Milliseconds for what is in the pipes when everything that was ours has ended. */
const REST_MS = 1_000;
const QUIET_MS = 100;

/** Reads a child's standard output and error line by line. */
export const readOutput = (child: ChildProcess, onLine: ChildSpec['onLine']): OutputReading => {
  const readings = [
    linesOf(child.stdout, (line, torn) => onLine('stdout', line, torn)),
    linesOf(child.stderr, (line, torn) => onLine('stderr', line, torn)),
  ];
  const ended = Promise.all(readings.map((reading) => reading.ended)).then(() => true);
  const chunks = (): number => readings.reduce((sum, reading) => sum + reading.chunks(), 0);

  /** Waits until nothing came for a while. The extra turn lets a process that was busy read before it calls that quiet. */
  const untilQuiet = async (): Promise<void> => {
    for (let waited = 0; waited < REST_MS; waited += QUIET_MS) {
      const before = chunks();
      await timer(QUIET_MS);
      await nextTurn();
      if (chunks() === before) return;
    }
  };

  return {
    rest: async (endLeftovers) => {
      const isOver = await orAfter(LEFTOVERS_MS, ended);
      await endLeftovers();
      if (!isOver) await Promise.race([ended, untilQuiet()]);
      for (const reading of readings) reading.finish();
    },
    close: () => {
      for (const reading of readings) reading.close();
    },
  };
};

/** Tells whether it came in time. */
const orAfter = (milliseconds: number, event: Promise<boolean>): Promise<boolean> =>
  new Promise((resolve) => {
    const tooLate = setTimeout(() => resolve(false), milliseconds);
    void event.then(() => {
      clearTimeout(tooLate);
      resolve(true);
    });
  });

interface StreamReading {
  /** Resolves at the end of the stream, also at its end by an error. */
  readonly ended: Promise<void>;
  /** Number that have been read. */
  readonly chunks: () => number;
  /** Its unfinished line is a line now. */
  readonly finish: () => void;
  readonly close: () => void;
}

const linesOf = (stream: Readable | null, onLine: (line: string, torn: Torn) => void): StreamReading => {
  const lines = lineSplitter(onLine);
  let chunks = 0;
  const onData = (chunk: Buffer): void => {
    chunks += 1;
    lines.push(chunk);
  };
  stream?.on('data', onData);
  // A broken pipe has ended like any other; what the child says about itself is its exit code.
  stream?.once('error', () => stream.destroy());
  return {
    ended: new Promise((resolve) => {
      if (stream === null) resolve();
      else stream.once('close', resolve);
    }),
    chunks: () => chunks,
    finish: lines.end,
    close: () => {
      stream?.off('data', onData);
      stream?.destroy();
    },
  };
};
