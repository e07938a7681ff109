import pg from 'pg';
import type { SqlRow } from '../../ports/sql-database.js';
import { typeParser } from './column-types.js';

/** A statement that a connection keeps under a name, and values for its parameters. */
export interface NamedStatement {
  readonly name: string;
  readonly text: string;
  readonly values: readonly (string | number | null)[];
}

/** Bytes that go out, and arrive, in one piece: any socket's buffer takes them whole, and so does a record of TLS. */
const ONE_PIECE = 8_000;

/** Tells whether questions are short enough to be asked at once, with what there is to prepare for them on a connection. */
export const isOnePiece = (client: pg.ClientBase, statements: readonly NamedStatement[]): boolean =>
  statements.reduce((bytes, statement) => bytes + sizeOf(client, statement), 0) <= ONE_PIECE;

/** Bytes by which a statement is asked for, and some more. */
const sizeOf = (client: pg.ClientBase, statement: NamedStatement): number =>
  statement.values.reduce<number>(
    (bytes, value) => bytes + 6 + Buffer.byteLength(String(value)),
    64 + (isPrepared(client, statement) ? 0 : statement.text.length),
  );

const isPrepared = (client: pg.ClientBase, statement: NamedStatement): boolean =>
  preparedOn.get(client)?.has(nameOf(statement)) === true;

/**
 * Asks several questions, one after the other, as one transaction of its own, with one message that has one answer: what each comes to is sent once all of
 * it has been committed, so that neither side is woken in between, and the beginning and the commit need no words. The first that fails undoes all. They
 * are prepared on the connection before.
 *
 * Questions must be one piece where one of them takes a lock: a server that has the first of a message, and waits for the rest of it, ends for no limit of
 * time, so that a client that is suspended halfway would keep the lock.
 */
export const askAtOnce = (
  client: pg.ClientBase,
  statements: readonly NamedStatement[],
): Promise<readonly (readonly SqlRow[])[]> =>
  new Promise((resolve, reject) => {
    client.query(new AtOnce(client, statements, resolve, reject));
  });

/** Prepares on a connection those statements that it does not know yet, each by itself, so that none is left out for another's sake. */
export const prepare = async (
  client: pg.ClientBase,
  statements: readonly NamedStatement[],
): Promise<void> => {
  await Promise.all(
    statements
      .filter((statement) => !isPrepared(client, statement))
      .map(
        (statement) =>
          new Promise<void>((resolve, reject) => {
            client.query(new Preparation(client, statement, resolve, reject));
          }),
      ),
  );
};

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
  readonly describe: (message: { readonly type: 'S'; readonly name: string }) => void;
  readonly execute: (message: Readonly<Record<string, never>>) => void;
  readonly close: (message: { readonly type: 'S'; readonly name: string }) => void;
  readonly sync: () => void;
}

/** Sends messages together. */
const sendTogether = (connection: unknown, send: (wire: Wire) => void): void => {
  const wire = connection as Wire;
  wire.stream.cork();
  try {
    send(wire);
    wire.sync();
  } finally {
    wire.stream.uncork();
  }
};

interface Column {
  readonly name: string;
  readonly dataTypeID: number;
}

/** Columns of the rows of the statements that a connection has prepared. */
const preparedOn = new WeakMap<pg.ClientBase, Map<string, readonly Column[]>>();

/** Preparation of one statement. */
class Preparation extends pg.Query {
  /** `pg` waits for no answer longer than it says, and says so by this. */
  callback: (problem: Error | null) => void;
  readonly #client: pg.ClientBase;
  readonly #name: string;
  #columns: readonly Column[] = [];

  constructor(
    client: pg.ClientBase,
    statement: NamedStatement,
    resolve: () => void,
    reject: (problem: Error) => void,
  ) {
    super({ text: '' });
    this.#client = client;
    this.#name = nameOf(statement);
    this.callback = (problem) => (problem === null ? resolve() : reject(problem));
    this.submit = (connection) =>
      sendTogether(connection, (wire) => {
        const name = this.#name;
        // There may be one of that name that has been forgotten.
        wire.close({ type: 'S', name });
        wire.parse({ name, text: statement.text });
        wire.describe({ type: 'S', name });
      });
  }

  handleRowDescription({ fields }: { readonly fields: readonly Column[] }): void {
    this.#columns = fields;
  }

  handleReadyForQuery(): void {
    const known = preparedOn.get(this.#client) ?? new Map<string, readonly Column[]>();
    preparedOn.set(this.#client, known.set(this.#name, this.#columns));
    this.callback(null);
  }

  handleError(problem: Error): void {
    this.callback(problem);
  }
}

/** Question of `pg`'s, which sends by itself and takes the answers. */
class AtOnce extends pg.Query {
  callback: (problem: Error | null) => void;
  readonly #client: pg.ClientBase;
  readonly #statements: readonly NamedStatement[];
  readonly #rows: SqlRow[][] = [[]];

  constructor(
    client: pg.ClientBase,
    statements: readonly NamedStatement[],
    resolve: (rows: Rows) => void,
    reject: (problem: Error) => void,
  ) {
    super({ text: '' });
    this.#client = client;
    this.#statements = statements;
    this.callback = (problem) => (problem === null ? resolve(this.#rows.slice(0, -1)) : reject(problem));
    this.submit = (connection) =>
      sendTogether(connection, (wire) => {
        for (const statement of statements) {
          wire.bind({
            statement: nameOf(statement),
            values: statement.values.map((value) => (value === null ? null : String(value))),
          });
          wire.execute({});
        }
      });
  }

  handleDataRow({ fields: values }: { readonly fields: readonly (string | null)[] }): void {
    const columns = this.#columns();
    const row: Record<string, SqlRow[string]> = {};
    for (const [place, { name, dataTypeID }] of columns.entries()) {
      const value = values[place] ?? null;
      row[name] = value === null ? null : typeParser(dataTypeID)(value);
    }
    this.#rows.at(-1)?.push(row);
  }

  /** Columns of the statement whose rows come now. */
  #columns(): readonly Column[] {
    const statement = this.#statements[this.#rows.length - 1];
    const columns = statement && preparedOn.get(this.#client)?.get(nameOf(statement));
    if (columns === undefined) throw new Error('rows of a statement that nobody has prepared');
    return columns;
  }

  handleCommandComplete(): void {
    this.#rows.push([]);
  }

  handleReadyForQuery(): void {
    this.callback(null);
  }

  handleError(problem: Error): void {
    // It may be a prepared statement that is wrong: it is gone, or would return other columns by now, which the server refuses each time.
    preparedOn.delete(this.#client);
    this.callback(problem);
  }
}
