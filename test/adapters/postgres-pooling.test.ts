import type pg from 'pg';
import { expect, it } from 'vitest';
import { refuseSharedSessions } from '../../src/adapters/postgres/refuse-pooling.js';

/** A pool whose clients reach one of these sessions: each its own, or as PgBouncer does it with `pool_mode = transaction`, whichever is free; with `statement` it lets nobody begin a transaction. */
const poolBehind = (mode: 'nothing' | 'session' | 'transaction' | 'statement') => {
  const held = new Map<number, number>();
  const sessionOf = (client: number): number => {
    if (mode !== 'transaction') return 100 + client;
    const own = held.get(client);
    return own ?? [100, 101].find((session) => ![...held.values()].includes(session)) ?? 0;
  };
  let clients = 0;
  const connect = async () => {
    clients += 1;
    const client = clients;
    return {
      processID: mode === 'nothing' ? sessionOf(client) : 7,
      query: async (text: string) => {
        if (text === 'BEGIN' && mode === 'statement') {
          throw new Error('transaction blocks not allowed in statement pooling mode');
        }
        if (text === 'BEGIN') held.set(client, sessionOf(client));
        if (text === 'COMMIT') held.delete(client);
        return { rows: [{ pid: sessionOf(client) }] };
      },
      release: () => undefined,
      session: sessionOf(client),
    };
  };
  const servedBy = (client: pg.ClientBase) => (client as unknown as { readonly session: number }).session;
  return refuseSharedSessions({ connect } as unknown as pg.Pool, servedBy);
};

it('what gives each transaction or statement another session of the server is refused, and what keeps a session for each client is not', async () => {
  await expect(poolBehind('transaction')).rejects.toMatchObject({ code: 'EPOOLED' });
  await expect(poolBehind('statement')).rejects.toMatchObject({ code: 'EPOOLED' });
  expect(await poolBehind('session')).toBeUndefined();
  expect(await poolBehind('nothing')).toBeUndefined();
});
