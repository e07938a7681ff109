import type { Pond } from '../../steward/pond/pond.js';

/** Warns in the log, of one thing once. */
export type SayOnce = (event: string, fields: Readonly<Record<string, string>>) => void;

const MOST_SAID = 1_000;

export const saysOnce = ({ directory, ports: { logger } }: Pond): SayOnce => {
  const said = new Set<string>();
  return (event, fields) => {
    const key = `${event} ${Object.values(fields).join(' ')}`;
    if (said.has(key)) return;
    if (said.size > MOST_SAID) said.clear();
    said.add(key);
    logger.log('warn', event, { pond: directory, ...fields });
  };
};
