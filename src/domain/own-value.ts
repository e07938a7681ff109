/** Value in a record under a name that somebody chose: `constructor` is a name like any other. */
export const ownValue = <A>(record: Readonly<Record<string, A>> | undefined, name: string): A | undefined =>
  record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
