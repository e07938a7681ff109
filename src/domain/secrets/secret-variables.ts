/** Environment variables by name. */
type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Names that say that a value is secret. `PWD` itself is the working directory, and of `_KEY` only the end of a name counts.
 */
const SECRET_NAME =
  /TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|CONNECTION_STRING|_KEY$|(API|ACCESS)KEY$|_PWD$|_PASS$|_PAT$|(^|_)(AUTH|BEARER)$/i;

/** Names whose values are headers of requests, `authorization=Bearer%20x,x-api-key=y`, each of whose values is a secret. */
const HEADERS_NAME = /^OTEL_EXPORTER_OTLP_([A-Z]+_)?HEADERS$/;

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
        isListed.some((matches) => matches(name))
          ? [value]
          : secretsByName(name, value).filter(({ length }) => length >= SHORTEST_BY_NAME),
      ),
    ),
  ].filter((value) => value.trim() !== '');
};

const secretsByName = (name: string, value: string): readonly string[] => {
  if (HEADERS_NAME.test(name)) return value.split(',').flatMap(secretsOfHeader);
  return SECRET_NAME.test(name) ? [value] : [];
};

/** The value of a header, and what stands in it behind a scheme such as `Bearer`. */
const secretsOfHeader = (header: string): readonly string[] => {
  const value = decodedValue(header.slice(header.indexOf('=') + 1).trim());
  const [, behindScheme] = /^\S+\s+(.+)$/.exec(value) ?? [];
  return behindScheme === undefined ? [value] : [behindScheme];
};

const decodedValue = (value: string): string => {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not written as the specification says: it is sent as it stands.
    return value;
  }
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
