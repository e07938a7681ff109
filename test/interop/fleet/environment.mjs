import { join } from 'node:path';

/**
 * Environment of commands on a pond in a directory that stands for a store, and the address of its control table. The
 * password of a server's address goes into the environment, which is where the product takes it from.
 */
export const environmentIn = (scratch, url) => {
  const control = new URL(url);
  const env = {
    ...process.env,
    PGPASSWORD: decodeURIComponent(control.password),
    POND: `file://${scratch}/store`,
    POND_STATE_DIR: join(scratch, 'state'),
    POND_CACHE: join(scratch, 'cache'),
  };
  control.password = '';
  return { env, control: control.href };
};
