import { expect, test } from 'vitest';
import { mailsFor, mailsOf, outcomesOf } from '../factories/email/counting-mails.js';
import { chosenSeed } from './machinery/chosen-seed.js';

test('of 1,000 commits with a check that fails in between there are as many mails as it began and ended', {
  timeout: 900_000,
}, async () => {
  const seed = chosenSeed();
  const outcomes = outcomesOf(1_000, seed);
  const mails = await mailsOf(outcomes);
  expect({ seed, mails: mails.map(({ what }) => what) }).toEqual({ seed, mails: mailsFor(outcomes) });
  expect(new Set(mails.map(({ id }) => id)).size).toBe(mails.length);
});
