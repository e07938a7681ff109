import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineSplitter } from '../../src/adapters/node/processes/line-splitter.js';
import { redactor } from '../../src/domain/secrets/redactor.js';
import { markedText } from '../../src/domain/secrets/torn-text.js';
import { redactingLogger, tornLines } from '../../src/factories/registry/redact.js';
import type { Logger } from '../../src/ports/logger.js';
import { prop } from '../support/prop.js';

const linesOf = (chunks: readonly Uint8Array[]): readonly string[] => {
  const lines: string[] = [];
  const splitter = lineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
};

describe('lines', () => {
  it('may end as on Unix or on Windows, and the last one need not end at all', () => {
    expect(linesOf([Buffer.from('a\r\n\nb')])).toEqual(['a', '', 'b']);
  });

  prop([fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 7 })])(
    'are the same wherever the stream is cut, also inside a character',
    (text, size) => {
      const whole = Buffer.from(text);
      const chunks: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.subarray(at, at + size));
      expect(linesOf(chunks)).toEqual(linesOf([whole]));
    },
  );

  it('of more than 8 KiB come in whole characters, and nothing is lost', () => {
    const text = 'aü€😀'.repeat(5_000);
    const pieces = linesOf([Buffer.from(text)]);
    expect(pieces.join('')).toBe(text);
    expect(pieces.length).toBeGreaterThan(5);
    for (const piece of pieces) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(8_192);
  });

  it('of more than 8 KiB without a space are torn, and what is said of the pieces has no part of a secret', () => {
    const secret = 'BEGIN-and-some-more-END';
    const lines = [8_170, 8_180, 8_192 - 6, 16_370, 5_000, 8_192 - secret.length, 8_192].map(
      (before) => `${'x'.repeat(before)}${secret}${'y'.repeat(9_000)}`,
    );
    for (const line of [...lines, secret.repeat(2_000)]) {
      const said: string[] = [];
      const kept: Logger = {
        log: (_level, _event, fields) => said.push(JSON.stringify(fields)),
        with: () => kept,
      };
      const logger = redactingLogger(tornLines(kept), redactor([secret]));
      const splitter = lineSplitter((piece, torn) =>
        logger.log('info', 'task_output', { line: piece, torn: { ...torn } }),
      );
      splitter.push(Buffer.from(`${line}\nlast\n`));
      splitter.end();
      expect(said.filter((text) => /BEG|END|and|some/.test(text))).toEqual([]);
      expect(said.at(-1)).toBe('{"line":"last"}');
      expect(said.length).toBeGreaterThan(2);
    }
  });

  it('of more than 8 KiB that are cut inside a secret of several words say none of them', () => {
    const secret = 'correct horse, {battery} <staple>';
    const words = /correct|horse|battery|staple/;
    const redact = redactor([secret]);
    for (let before = 8_192 - secret.length - 2; before <= 8_193; before += 1) {
      const said: string[] = [];
      const splitter = lineSplitter((piece, edges) => said.push(redact(markedText(piece, edges))));
      splitter.push(Buffer.from(`${'word '.repeat(2_000).slice(0, before)}${secret} ${'tail '.repeat(400)}`));
      splitter.end();
      expect([before, said.filter((text) => words.test(text))]).toEqual([before, []]);
      expect(said.length).toBe(2);
    }
  });

  it('of more than 8 KiB are cut between words, so that no secret is cut in two', () => {
    const text = `${'x'.repeat(8_180)} topsecret ${'y'.repeat(100)}`;
    expect(linesOf([Buffer.from(text)]).filter((piece) => piece.includes('topsecret')).length).toBe(1);
  });
});
