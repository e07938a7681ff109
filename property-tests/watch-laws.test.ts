import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeFile, type KnownFile } from '../src/planner/watches/judge-file.js';
import { type SeenFile, type Settling, settling } from '../src/planner/watches/settling.js';
import { splitBatch } from '../src/planner/watches/split-batch.js';

/** A file at one look; null: it is not there. */
const aLook = fc.option(
  fc.record({ size: fc.nat(2), modifiedAt: fc.nat(2), identity: fc.constantFrom('1', '2') }),
  { freq: 4 },
);
const looks = fc.array(fc.record({ pause: fc.integer({ min: 0, max: 4 }), file: aLook }), { maxLength: 30 });

test('a file settles exactly when looks for as long as it must be unchanged have found it as it is', () => {
  fc.assert(
    fc.property(looks, fc.integer({ min: 0, max: 6 }), (seen, settleMs) => {
      let watched: Settling = new Map();
      let now = 0;
      /** The looks since which the file is as it is. */
      let run: { readonly since: number; readonly key: string } | null = null;
      for (const { pause, file } of seen) {
        now += pause;
        const key = JSON.stringify(file);
        if (file === null) run = null;
        else if (run === null || run.key !== key) run = { since: now, key };
        const files: readonly SeenFile[] = file === null ? [] : [{ name: 'a', ...file }];
        const look = settling(watched, files, { now, settleMs });
        watched = look.watched;
        expect(look.settled.length === 1).toBe(run !== null && now - run.since >= settleMs);
        expect(look.nextAt).toBe(run === null || now - run.since >= settleMs ? null : run.since + settleMs);
        expect([...watched.keys()]).toEqual(file === null ? [] : ['a']);
      }
    }),
  );
});

const aKnown: fc.Arbitrary<KnownFile> = fc.record({
  size: fc.nat(1),
  modifiedAt: fc.nat(1),
  outcome: fc.constantFrom('taken', 'unchanged', 'refused'),
  isSettled: fc.boolean(),
  aside: fc.option(fc.constant('/done/a')),
});

test('a file is an arrival, known or unfinished so that it is dealt with once and comes to rest', () => {
  const afterwards = fc.record({ keeps: fc.boolean(), putsAside: fc.boolean() });
  fc.assert(
    fc.property(aKnown, afterwards, fc.nat(1), fc.nat(1), (known, after, size, modifiedAt) => {
      const verdict = judgeFile({ size, modifiedAt }, known, after);
      if (known.size !== size || known.modifiedAt !== modifiedAt) {
        expect(verdict).toBe('arrival');
        return;
      }
      // Nothing is done on the host with what stays where it is, nor twice with what was done.
      if (verdict === 'unfinished')
        expect([known.isSettled, known.outcome === 'refused' ? after.putsAside : !after.keeps]).toEqual([
          false,
          true,
        ]);
      // What was dealt with and is still there comes again only where it should have gone.
      if (verdict === 'arrival')
        expect(known.outcome === 'refused' ? known.aside !== null : !after.keeps && known.isSettled).toBe(
          true,
        );
    }),
  );
});

test('a batch that is refused is split until what is refused stands alone, and each file is tried to its end once', () => {
  const batch = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 25 });
  fc.assert(
    fc.property(batch, fc.func(fc.boolean()), fc.boolean(), (numbers, isBad, names) => {
      const files = numbers.map((number) => ({ target: `/in/${number}`, bad: isBad(number) }));
      const accepted: string[] = [];
      const refused: string[] = [];
      const waiting: (typeof files)[] = [files];
      let tries = 0;
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (next.length === 0) continue;
        tries += 1;
        expect(tries).toBeLessThan(2 * files.length + 2);
        const bad = next.filter((one) => one.bad).map(({ target }) => target);
        if (bad.length === 0) accepted.push(...next.map(({ target }) => target));
        else if (next.length === 1) refused.push(...bad);
        else
          waiting.unshift(
            ...splitBatch(next, names ? `gate: ${bad.join(', ')}: no` : 'no').map((part) => [...part]),
          );
      }
      const of = (bad: boolean) => files.filter((one) => one.bad === bad).map(({ target }) => target);
      expect(accepted.sort()).toEqual(of(false).sort());
      expect(refused.sort()).toEqual(of(true).sort());
    }),
  );
});
