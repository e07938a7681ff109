/**
 * A pure function that keeps its newest results, by a key of the input: what is asked again is not computed again.
 * A result weighs as much as its key has characters, and `EACH` beside; where all weigh more than `most`, those that
 * have not been asked for the longest time go first.
 */
export const remembered = <Input, Answer>(
  most: number,
  keyOf: (input: Input) => string,
  compute: (input: Input) => Answer,
): ((input: Input) => Answer) => {
  const answers = new Map<string, { readonly answer: Answer }>();
  let weight = 0;
  return (input) => {
    const key = keyOf(input);
    const known = answers.get(key);
    const kept = known ?? { answer: compute(input) };
    if (known === undefined) weight += EACH + key.length;
    else answers.delete(key);
    answers.set(key, kept);
    if (weight <= most) return kept.answer;
    for (const oldest of answers.keys()) {
      if (weight <= most) break;
      answers.delete(oldest);
      weight -= EACH + oldest.length;
    }
    return kept.answer;
  };
};

const EACH = 256;
