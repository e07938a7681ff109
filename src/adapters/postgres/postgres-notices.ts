import pg from 'pg';
import type { ServerNotice } from '../../ports/sql-server.js';
import { connectionTo, ServerConnection, settings } from './postgres-connection.js';

/** Milliseconds after which a lost connection is made again. */
const AGAIN = 1_000;

/** Notice of whatever was said while nobody listened. */
const MISSED: ServerNotice = { word: '', isOwn: false };

/** Channel, and how to tell the connections of this process. */
interface Listening {
  readonly schema: string;
  readonly channel: string;
  /** Tells whether a process of the server's serves one of the connections of this process. */
  readonly isOwn: (serverProcess: number) => boolean;
}

/** Listens on a channel, by a connection of its own that is made again as often as it is lost. */
export const listenOn = (
  address: string,
  { schema, channel, isOwn }: Listening,
  onNotice: (notice: ServerNotice) => void,
): { readonly stop: () => void } => {
  let stopped = false;
  let client: pg.Client | null = null;
  let again: NodeJS.Timeout | null = null;
  const connect = async (): Promise<void> => {
    if (stopped) return;
    const fresh = new ServerConnection(connectionTo(address));
    client = fresh;
    const lost = () => {
      if (stopped || client !== fresh) return;
      client = null;
      again = setTimeout(() => void connect(), AGAIN);
      again.unref();
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('notification', ({ payload, processId }) =>
      onNotice({ word: payload ?? '', isOwn: isOwn(processId) }),
    );
    try {
      await fresh.connect();
      await fresh.query(`${settings(schema)}; LISTEN ${pg.escapeIdentifier(channel)}`);
      onNotice(MISSED);
    } catch {
      lost();
    }
  };
  void connect();
  return {
    stop: () => {
      stopped = true;
      if (again !== null) clearTimeout(again);
      client?.end().catch(() => undefined);
    },
  };
};
