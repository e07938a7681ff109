/**
 * A pure function that keeps its newest answers, by a key of the input: what is asked again is not computed again.
 * At most `limit` answers; the one that has not been asked for the longest time goes first.
 */
export const remembered = <Input, Answer>(
  limit: number,
  keyOf: (input: Input) => string,
  compute: (input: Input) => Answer,
): ((input: Input) => Answer) => {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (input) => {
    const key = keyOf(input);
    const kept = answers.get(key) ?? { answer: compute(input) };
    answers.delete(key);
    answers.set(key, kept);
    if (answers.size > limit) {
      const [oldest] = answers.keys();
      if (oldest !== undefined) answers.delete(oldest);
    }
    return kept.answer;
  };
};
