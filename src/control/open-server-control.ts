import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { SqlServer, SqlServers } from '../ports/sql-server.js';
import type { ControlError } from './control-error.js';
import { controlTable } from './control-methods.js';
import type { ControlTable } from './control-table.js';
import type { FleetTable, OnChange } from './fleet-table.js';
import { SCHEMA_VERSION } from './schema/statements.js';
import { appendAll } from './server/append-all.js';
import { fleetTable } from './server/fleet.js';
import {
  hiddenSchema,
  identifySchema,
  installServerSchema,
  migrateServerSchema,
  otherSchema,
  schemaOf,
} from './server/install-schema.js';
import { keepPlaces } from './server/keep-places.js';
import { recordPlain } from './server/plain-attempts.js';
import { beginPlain, commitPlain } from './server/plain-transactions.js';
import { serverConnection } from './server/server-connection.js';
import { type ServerLock, serverLock } from './server/server-lock.js';
import { SERVER_SCHEMA_VERSION } from './server/server-schema.js';
import { type LeaseCapabilities, serverSigns } from './server/server-signs.js';
import { ask, type ControlStore, fromSqlError, refusal, transact } from './store/control-store.js';
import { firstLook } from './transactions/transaction-questions.js';

/** Ports that a control table on a server needs. */
export interface ServerControlCapabilities extends LeaseCapabilities {
  readonly servers: SqlServers;
}

/** A control table on a server, with what belongs to the same place. */
export interface ServerControl {
  readonly table: ControlTable;
  readonly lock: ServerLock;
  readonly fleet: FleetTable;
  /** Calls back whenever something of the pond's was recorded; what is not heard is found by looking again. */
  readonly listen: (onChange: OnChange) => { readonly stop: () => void };
}

/**
 * Opens the control table of the pond `pondId` in the database at `address`; `create` makes it where it is missing. Several
 * ponds may share a database: each has a schema of its own, which is named after it.
 */
export const openServerControl =
  ({ servers, clock, onLost }: ServerControlCapabilities) =>
  (
    address: string,
    pondId: string,
    { create }: { readonly create: boolean },
  ): TE.TaskEither<ControlError, ServerControl> => {
    const schema = schemaOf(pondId);
    return pipe(
      servers.open(address, { schema }),
      TE.mapLeft(fromSqlError),
      TE.flatMap((server) =>
        pipe(
          assembled(server, { schema, pondId, create }, { clock, onLost }),
          TE.tapError(() => TE.fromIO(server.close)),
        ),
      ),
    );
  };

const assembled = (
  server: SqlServer,
  of: { readonly schema: string; readonly pondId: string; readonly create: boolean },
  capabilities: LeaseCapabilities,
): TE.TaskEither<ControlError, ServerControl> => {
  const { schema, pondId, create } = of;
  const path = server.name;
  const signs = serverSigns(server, capabilities);
  const store: ControlStore = {
    path,
    connection: serverConnection(server, schema, signs.loseAll),
    // What the present version's statements expect.
    version: SCHEMA_VERSION,
    signs,
    clock: capabilities.clock,
    // Whether a runner lives is for the database to say; no row of it makes anybody act on a machine.
    seals: { originOf: () => null, elsewhere: () => null },
    keepPlaces,
    appendAll,
    recordPlain,
    plain: { begin: beginPlain, commit: commitPlain },
    order: { current: null },
  };
  const lock = serverLock(server, schema, { clock: capabilities.clock, firstLook });
  let version = SERVER_SCHEMA_VERSION;
  return pipe(
    create
      ? transact(store, 'durable', (transaction) => installServerSchema(transaction, { ...of, path }))
      : TE.right(undefined),
    TE.flatMap(() =>
      ask(store, function* (read) {
        const found = yield* identifySchema(read);
        if (found === null)
          throw refusal((yield* hiddenSchema(read, { path, schema })) ?? { _tag: 'ControlMissing', path });
        if (found.pond_id !== pondId) {
          const problem = `it belongs to the pond ${found.pond_id}`;
          throw refusal({ _tag: 'ControlUnusable', path, problem });
        }
        if (found.schema_version > SERVER_SCHEMA_VERSION) {
          const format = String(found.schema_version);
          throw refusal({ _tag: 'PondTooNew', path, format, known: SERVER_SCHEMA_VERSION });
        }
        const other = otherSchema(found, { path, schema });
        if (other !== null) throw refusal(other);
        version = found.schema_version;
      }),
    ),
    TE.map(() => ({
      lock,
      fleet: fleetTable(store, of),
      listen: (onChange) =>
        server.listen(schema, ({ word, isOwn }) =>
          onChange(!isOwn || word === 'pending' || word === '', word === 'pending'),
        ),
      table: controlTable(store, {
        readOnly: null,
        isOlder: () => version < SERVER_SCHEMA_VERSION,
        migrate: () =>
          version === SERVER_SCHEMA_VERSION
            ? TE.right(false)
            : pipe(
                transact(store, 'durable', (transaction) => migrateServerSchema(transaction, path)),
                TE.tapIO(() => () => {
                  version = SERVER_SCHEMA_VERSION;
                }),
              ),
        close: () => {
          store.signs.takeAllAway();
          lock.close();
          server.close();
        },
      }),
    })),
  );
};
