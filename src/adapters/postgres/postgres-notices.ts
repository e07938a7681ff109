import pg from 'pg';
import { connectionTo, settings } from './postgres-connection.js';

/** Milliseconds after which a lost connection is made again. */
const AGAIN = 1_000;

/** Listens on a channel, by a connection of its own that is made again as often as it is lost. */
export const listenOn = (
  address: string,
  schema: string,
  channel: string,
  onNotice: () => void,
): { readonly stop: () => void } => {
  let stopped = false;
  let client: pg.Client | null = null;
  let again: NodeJS.Timeout | null = null;
  const connect = async (): Promise<void> => {
    if (stopped) return;
    const fresh = new pg.Client(connectionTo(address));
    client = fresh;
    const lost = () => {
      if (stopped || client !== fresh) return;
      client = null;
      again = setTimeout(() => void connect(), AGAIN);
      again.unref();
    };
    fresh.on('error', lost);
    fresh.on('end', lost);
    fresh.on('notification', () => onNotice());
    try {
      await fresh.connect();
      await fresh.query(`${settings(schema)}; LISTEN ${pg.escapeIdentifier(channel)}`);
      // What was said while nobody listened.
      onNotice();
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
