import { writeSync } from 'node:fs';
import { errnoOf } from '../node/files/errno.js';

const STDERR = 2;
/** A terminal or pipe that takes nothing for so long is not read any more. */
const MOST_RETRIES = 200;
const RETRY_MS = 5;

/**
 * Writes to standard error before it returns, so that a line that was logged is there whatever comes next. A reader
 * that has gone (EPIPE) or does not read is not a reason to fail or to wait for ever: the line is dropped.
 */
export const writeToStderr = (text: string): void => {
  const bytes = Buffer.from(text);
  let offset = 0;
  for (let retries = 0; offset < bytes.length && retries < MOST_RETRIES; ) {
    try {
      offset += writeSync(STDERR, bytes, offset);
    } catch (error) {
      // A pipe that is full and was made non-blocking by whoever shares it.
      if (errnoOf(error) !== 'EAGAIN') return;
      retries += 1;
      Atomics.wait(PAUSE, 0, 0, RETRY_MS);
    }
  }
};

const PAUSE = new Int32Array(new SharedArrayBuffer(4));
