import { expect, test } from 'vitest';
import { startProgressWords } from '../../src/cli/words/progress-words.js';

/** A clock whose waits end when the test says so. */
const steps = () => {
  const waiting: { readonly milliseconds: number; readonly end: () => void }[] = [];
  const sleep = (milliseconds: number, signal?: AbortSignal) =>
    new Promise<void>((resolve) => {
      waiting.push({ milliseconds, end: resolve });
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  return {
    clock: { sleep },
    pass: async () => {
      const next = waiting.shift();
      next?.end();
      await new Promise((resolve) => setImmediate(resolve));
      return next?.milliseconds;
    },
    waiting,
  };
};

const terminalOf = (errIsTerminal: boolean) => {
  const written: string[] = [];
  return { terminal: { errIsTerminal, writeErr: (text: string) => void written.push(text) }, written };
};

const line = (text: string) => `\r\u001b[K${text}`;

test('what is being done is shown after a second, also where nothing new is said, and is taken away at the end', async () => {
  const { clock, pass, waiting } = steps();
  const { terminal, written } = terminalOf(true);
  const progress = startProgressWords(terminal, clock);
  progress.say('first');
  progress.say('second \u001b[31m');
  expect(written).toEqual([]);
  expect(await pass()).toBe(1_000);
  expect(written).toEqual([line('second \\x1b[31m')]);
  expect(await pass()).toBe(200);
  progress.say('third');
  await pass();
  progress.say('');
  expect(written.slice(1)).toEqual([line('third'), line('')]);
  progress.say('fourth');
  await pass();
  progress.end();
  expect(written.slice(3)).toEqual([line('fourth'), line('')]);
  await pass();
  expect(waiting).toEqual([]);
});

test('nothing is shown where nobody sits before it, or where it is over within a second', async () => {
  const { clock, pass, waiting } = steps();
  const piped = terminalOf(false);
  startProgressWords(piped.terminal, clock).say('words');
  expect([piped.written, waiting]).toEqual([[], []]);
  const { terminal, written } = terminalOf(true);
  const progress = startProgressWords(terminal, clock);
  progress.say('words');
  progress.end();
  await pass();
  expect(written).toEqual([]);
});
