import { createHmac } from 'node:crypto';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import { type Binding, boundText, type Elsewhere, whereabouts } from '../../domain/binding.js';
import { describeElsewhere } from '../../domain/describe-elsewhere.js';
import { type BindingPorts, bindingHere } from '../../effects/binding-here.js';
import { type JournalLine, SEAL_DIGITS } from './checkpoint-record.js';

/*
 * A journal makes whoever recovers it move and delete what it names. So every line is sealed: by a code that only this
 * user can make, over the line and the seal of the line before it, for this journal and the place it was made for. What
 * is not sealed so is not acted on.
 */

/** The user who makes and reads journals, and where. */
export interface JournalAuthor {
  /** Place where a journal is made now; in words why that cannot be said. */
  readonly here: () => Either<string, Binding>;
  /** Key that the lines of a journal are sealed with; in words why there is none. */
  readonly keyOf: (binding: Binding, id: string) => Either<string, string>;
}

/** `home` is the directory that journals are bound to: the pond's, or where there is none, their own. */
export const journalAuthor = (ports: BindingPorts, home: string): JournalAuthor => ({
  here: () => bindingHere(ports, home),
  keyOf: (binding, id) => {
    const key = ports.userState.hmac(boundText('host-plan', binding, { id }))();
    return isLeft(key) ? left(key.left.problem) : key;
  },
});

/** Chain value that the next line of a journal is sealed with. */
export interface Sealing {
  readonly key: string;
  /** The seal of the line before; empty before the first one. */
  readonly last: string;
}

/** The seal of a line. */
export const sealOf = ({ key, last }: Sealing, json: string): string =>
  createHmac('sha256', key).update(last).update(json).digest('hex').slice(0, SEAL_DIGITS);

/** A journal on which nobody acts by himself. */
export interface MadeElsewhere {
  readonly _tag: 'MadeElsewhere';
  readonly path: string;
  readonly why: Elsewhere;
  /** The number of the user to whom its file belongs. */
  readonly owner: number;
}

/** Describes why nothing was done with a journal, as a sentence without a full stop. */
export const describeMadeElsewhere = ({ path, why, owner }: MadeElsewhere): string =>
  `made elsewhere: ${describeElsewhere(why)}; ${path} is left to its owner, user ${owner}`;

export type Provenance =
  /** `sealing` is null where nothing is intended yet, so that there is nothing to act on. */
  | { readonly _tag: 'Here'; readonly sealing: Sealing | null }
  | { readonly _tag: 'Elsewhere'; readonly why: Elsewhere };

/** Tells whether this user made a journal for this place; if so, what its next lines are sealed with. */
export const provenanceOf = (
  lines: readonly JournalLine[],
  id: string,
  author: JournalAuthor,
): Provenance => {
  if (!lines.some(({ record }) => record.record === 'intents')) return { _tag: 'Here', sealing: null };
  const [first] = lines;
  const bound = first?.record.record === 'plan' ? first.record.bound : undefined;
  const unsealed = lines.findIndex(({ seal }) => seal === null);
  if (bound === undefined || unsealed === 0) return elsewhere('unsigned');
  // Who adopts a journal adds lines without seals: it is not sealed for him.
  if (unsealed > 0) return elsewhere('unsigned-end');
  const here = author.here();
  if (isLeft(here)) return elsewhere('no-key');
  // A plan outlives the start of the machine, and its processes: only the place counts.
  if (whereabouts(bound, here.right) === 'elsewhere') return elsewhere('another-place');
  const key = author.keyOf(bound, id);
  if (isLeft(key)) return elsewhere('no-key');
  let last = '';
  for (const { json, seal } of lines) {
    if (sealOf({ key: key.right, last }, json) !== seal) return elsewhere('another-author');
    last = seal;
  }
  return { _tag: 'Here', sealing: { key: key.right, last } };
};

const elsewhere = (why: Elsewhere): Provenance => ({ _tag: 'Elsewhere', why });
