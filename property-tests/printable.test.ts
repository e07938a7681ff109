import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderError } from '../src/cli/render/render-error.js';
import { printable, printableDeep, printableLines, withOwnMarks } from '../src/domain/text/printable.js';

/** Pattern of what a terminal acts upon, by Unicode's own properties: control characters, and those that turn direction. */
const ACTS = /\p{Cc}|\p{Bidi_Control}|[\u2028\u2029]/u;

/** Characters that are not seen, but for joiners, and selectors of how the one before looks. */
const UNSEEN = /[\u00ad\u115f\u1160\u180e\u200b\u2060-\u2064\u206a-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]/u;

const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '\u200b',
        '\u00ad',
        '\u200d',
        '\u001b[2K',
        '\u202e',
        '\u2066',
        '\n',
        '\r',
        '\u009b1A',
        '\t',
      ),
    ),
  )
  .map((parts) => parts.join(''));

test('a printable text has nothing that a terminal acts upon', () => {
  fc.assert(fc.property(hostile, (text) => !ACTS.test(printable(text)) && !UNSEEN.test(printable(text))));
});

test('what has nothing of it stays as it is', () => {
  fc.assert(
    fc.property(
      hostile.filter((text) => !ACTS.test(text) && !UNSEEN.test(text)),
      (text) => printable(text) === text,
    ),
  );
});

test('lines stay lines, and nothing else of a text of several acts', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const printed = printableLines(text);
      expect(printed.split('\n')).toHaveLength(text.split('\n').length);
      expect(printed.split('\n').some((line) => ACTS.test(line))).toBe(false);
    }),
  );
});

test('of a finished output only its own colours act', () => {
  const colour = fc.constantFrom('\u001b[31m', '\u001b[0m', '\r\u001b[K');
  fc.assert(
    fc.property(fc.array(fc.oneof(hostile, colour)), (parts) => {
      const ownMarks = [
        ...['0', '1', '2', '31', '32', '33', '36', '90'].map((code) => `\u001b[${code}m`),
        '\r\u001b[K',
        '\n',
      ];
      const rest = ownMarks.reduce((text, mark) => text.replaceAll(mark, ''), withOwnMarks(parts.join('')));
      return !ACTS.test(rest);
    }),
  );
});

test('no name, list, map or record makes two lines of one', () => {
  const record = fc.record({
    path: hostile,
    name: hostile,
    names: fc.array(hostile),
    by: fc.dictionary(hostile, hostile),
  });
  fc.assert(
    fc.property(record, (value) => {
      const { path, name, names, by } = printableDeep(value);
      return [path, name, ...names, ...Object.entries(by).flat()].every((text) => !ACTS.test(text));
    }),
  );
});

test('an error with any path says nothing that a terminal acts upon, on as many lines as it has', () => {
  fc.assert(
    fc.property(hostile, hostile, (path, problem) => {
      const text = renderError({ _tag: 'InvalidSetting', path, key: 'max', problem });
      const lines = text.split('\n').slice(0, -1);
      expect(lines.slice(1).every((line) => line.startsWith('  '))).toBe(true);
      expect(lines.some((line) => ACTS.test(line))).toBe(false);
    }),
  );
});
