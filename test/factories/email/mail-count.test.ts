import { expect, test } from 'vitest';
import { mailsFor, mailsOf, outcomesOf } from './counting-mails.js';

test('of many commits with a check that fails in between there is one mail when that begins and one when it has ended', async () => {
  const outcomes = [true, false, false, true, true, false, true, ...outcomesOf(23, 7)];
  const expected = mailsFor(outcomes);
  expect(expected.slice(0, 4)).toEqual(['failed', 'recovered', 'failed', 'recovered']);
  const mails = await mailsOf(outcomes);
  expect(mails.map(({ what }) => what)).toEqual(expected);
  expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
});
