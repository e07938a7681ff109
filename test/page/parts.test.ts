import { describe, expect, test } from 'vitest';
import { comparedLines, shortened } from '../../src/page/parts/line-difference.js';
import { timeScale } from '../../src/page/parts/time-scale.js';

describe('a scale of time', () => {
  test('goes from the beginning to the last end, and is even where nothing waits for long', () => {
    const { share, breaks } = timeScale(0, [
      { from: 0, to: 50 },
      { from: 60, to: 100 },
    ]);
    expect([share(0), share(50), share(100)]).toEqual([0, 50, 100]);
    expect(breaks).toEqual([]);
  });

  test('lets everything be seen that was at work, however long nothing was between', () => {
    const day = 86_400_000;
    const { share, breaks } = timeScale(0, [
      { from: 10, to: 110 },
      { from: day, to: day + 100 },
    ]);
    expect(share(110) - share(10)).toBeGreaterThan(20);
    expect(share(day + 100) - share(day)).toBeGreaterThan(20);
    expect(breaks).toMatchObject([{ milliseconds: day - 110 }]);
    const [{ at = 0 } = {}] = breaks;
    expect(at).toBeGreaterThan(share(110));
    expect(at).toBeLessThan(share(day));
  });

  test('has a place for every time where spans overlap, or there are none', () => {
    const { share } = timeScale(5, [
      { from: 10, to: 90 },
      { from: 20, to: 30 },
      { from: 80, to: 100 },
    ]);
    const places = [0, 5, 10, 25, 85, 100, 200].map(share);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places.at(-1)).toBe(100);
    expect(timeScale(5, []).share(5)).toBe(0);
  });
});

describe('a comparison of texts', () => {
  test.each([
    ['', ''],
    ['', 'a\nb\n'],
    ['a\nb\n', ''],
    ['a\nb\nc\n', 'a\nx\nc\n'],
    ['a\nb\nc', 'b\nc\nd\n'],
    ['1\n2\n3\n4\n', '3\n4\n1\n2\n'],
  ])('loses no line of either: %j, %j', (before, after) => {
    const lines = comparedLines(before, after);
    const of = (without: string) => lines.filter(({ change }) => change !== without).map(({ text }) => text);
    const whole = (text: string) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
    expect(of('added')).toEqual(whole(before));
    expect(of('removed')).toEqual(whole(after));
  });

  test('shows what is around a difference, and how much is left out', () => {
    const lines = Array.from({ length: 20 }, (_, at) => `${at}`);
    const changed = lines.with(10, 'ten');
    const shown = shortened(comparedLines(lines.join('\n'), changed.join('\n')));
    expect(shown[0]).toBe(7);
    expect(shown.at(-1)).toBe(6);
    expect(shown.filter((line) => typeof line !== 'number' && line.change !== 'same')).toEqual([
      { change: 'removed', text: '10' },
      { change: 'added', text: 'ten' },
    ]);
  });

  test('ends soon where texts are long and have nothing in common', () => {
    const text = (word: string) => Array.from({ length: 5_000 }, (_, at) => `${word} ${at}`).join('\n');
    expect(comparedLines(text('a'), text('b'))).toHaveLength(10_000);
  });
});
