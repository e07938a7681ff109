const VARIABLE = /\$\{env:([^}:]*)/g;

/** Every text in plain data, keys of mappings included; aliases share their value, so each is visited once. */
export const textsIn = (value: unknown): readonly string[] => {
  const texts: string[] = [];
  const seen = new Set<object>();
  const visit = (part: unknown): void => {
    if (typeof part === 'string') texts.push(part);
    if (typeof part !== 'object' || part === null || seen.has(part)) return;
    seen.add(part);
    for (const [key, member] of Object.entries(part)) {
      if (!Array.isArray(part)) texts.push(key);
      visit(member);
    }
  };
  visit(value);
  return texts;
};

/** The names of environment variables that a decoded configuration reads, sorted; of a malformed reference what stands there. */
export const variablesIn = (config: unknown): readonly string[] => [
  ...new Set(
    textsIn(config)
      .flatMap((text) => [...text.matchAll(VARIABLE)].map(([, name = '']) => name))
      .sort(),
  ),
];
