/** Environment variables by name. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Names that say that a value is secret. `PWD` itself is the working directory, and of `_KEY` only the end of a name counts.
 */
const SECRET_NAME = /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|_KEY$|APIKEY$|_PWD$|_PASS$/i;

/** A value that is shorter, such as `true` or `1234`, would be found in everything that is printed. */
const SHORTEST_BY_NAME = 6;

/**
 * The values in an environment that are secrets by their variables' names, or because `listed` says so: names, in which
 * `*` stands for any characters. What a name only suggests has to have 6 characters; what is listed may be shorter.
 */
export const secretValues = (variables: Variables, listed: readonly string[]): readonly string[] => {
  const isListed = listed.map(matcherOf);
  return [
    ...new Set(
      Object.entries(variables).flatMap(([name, value = '']) =>
        isListed.some((matches) => matches(name)) ||
        (SECRET_NAME.test(name) && value.length >= SHORTEST_BY_NAME)
          ? [value]
          : [],
      ),
    ),
  ].filter((value) => value.trim() !== '');
};

/** A name in which `*` stands for any characters. Each part is looked for once, so no list makes a command wait. */
const matcherOf = (listed: string): ((name: string) => boolean) => {
  const [first = '', ...rest] = listed.split('*');
  const last = rest.pop();
  if (last === undefined) return (name) => name === listed;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
};
