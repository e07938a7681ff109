import pg from 'pg';
import type { SqlRow } from '../../ports/sql-database.js';
import { typeParser } from './column-types.js';

/** A statement that a connection keeps under a name, and values for its parameters. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | number | null)[];
}

/**
 * Asks several questions, one after the other, as one transaction of its own, with one message that has one answer: what each comes to is sent once all of
 * it has been committed, so that neither side is woken in between, and the beginning and the commit need no words. The first that fails undoes all.
 */
export const askAtOnce = (
  client: pg.ClientBase,
  statements: readonly NamedStatement[],
): Promise<readonly (readonly SqlRow[])[]> =>
  new Promise((resolve, reject) => {
    client.query(new AtOnce(statements, resolve, reject));
  });

/** Name under which such a question is prepared: `pg` keeps account of those that are asked by themselves. */
const nameOf = ({ name }: NamedStatement): string => `${name}-at-once`;

type Rows = readonly (readonly SqlRow[])[];

/** Connection of `pg`'s, as far as it has words of the protocol. */
interface Wire {
  readonly stream: { readonly cork: () => void; readonly uncork: () => void };
  readonly parse: (message: { readonly name: string; readonly text: string }) => void;
  readonly bind: (message: {
    readonly statement: string;
    readonly values: readonly (string | null)[];
  }) => void;
  readonly describe: (message: { readonly type: 'P'; readonly name: string }) => void;
  readonly execute: (message: Readonly<Record<string, never>>) => void;
  readonly close: (message: { readonly type: 'S'; readonly name: string }) => void;
  readonly sync: () => void;
}

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Columns of the rows of the statements that a connection has prepared. A statement that would return others is refused by the server. */
const preparedOn = new WeakMap<Wire, Map<string, readonly Column[]>>();

/** Question of `pg`'s, which sends by itself and takes the answers. */
class AtOnce extends pg.Query {
  /** `pg` waits for no answer longer than it says, and says so by this. */
  callback: (problem: Error | null, rows?: Rows) => void;
  readonly #statements: readonly NamedStatement[];
  readonly #columns: (readonly Column[])[] = [];
  readonly #rows: SqlRow[][] = [[]];
  #wire: Wire | null = null;

  constructor(
    statements: readonly NamedStatement[],
    resolve: (rows: Rows) => void,
    reject: (problem: Error) => void,
  ) {
    super({ text: '' });
    this.#statements = statements;
    this.callback = (problem, rows) => (problem === null ? resolve(rows ?? []) : reject(problem));
    this.submit = (connection) => this.#send(connection as unknown as Wire);
  }

  #send(wire: Wire): void {
    this.#wire = wire;
    const prepared = preparedOn.get(wire);
    wire.stream.cork();
    try {
      for (const [place, statement] of this.#statements.entries()) {
        const { text, values } = statement;
        const name = nameOf(statement);
        const columns = prepared?.get(name);
        if (columns === undefined) {
          // It may have been prepared by a transaction that has failed then.
          wire.close({ type: 'S', name });
          wire.parse({ name, text });
        } else this.#columns[place] = columns;
        wire.bind({
          statement: name,
          values: values.map((value) => (value === null ? null : String(value))),
        });
        if (columns === undefined) wire.describe({ type: 'P', name: '' });
        wire.execute({});
      }
      wire.sync();
    } finally {
      wire.stream.uncork();
    }
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#columns[this.#rows.length - 1] = fields;
  }

  handleDataRow({ fields: values }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#columns[this.#rows.length - 1] ?? [];
    const row: Record<string, SqlRow[string]> = {};
    for (const [place, { name, dataTypeID }] of columns.entries()) {
      const value = values[place] ?? null;
      row[name] = value === null ? null : typeParser(dataTypeID)(value);
    }
    this.#rows.at(-1)?.push(row);
  }

  handleCommandComplete(): void {
    this.#rows.push([]);
  }

  handleReadyForQuery(): void {
    if (this.#wire !== null) {
      const prepared = preparedOn.get(this.#wire) ?? new Map<string, readonly Column[]>();
      for (const [place, statement] of this.#statements.entries())
        prepared.set(nameOf(statement), this.#columns[place] ?? []);
      preparedOn.set(this.#wire, prepared);
    }
    this.callback(null, this.#rows.slice(0, -1));
  }

  handleError(problem: Error): void {
    this.callback(problem);
  }
}
