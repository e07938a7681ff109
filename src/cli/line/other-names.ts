/** Words for what a command does elsewhere, or in other words, by the command's name. */
export const OTHER_NAMES: Readonly<Record<string, string>> = {
  sql: 'query select',
  rm: 'delete del remove unlink rmdir',
  mv: 'move rename',
  list: 'dir find tree glob',
  describe: 'stat info show schema',
  cat: 'read view head tail less more print',
  copy: 'add put get write append import export ingest upload download',
  mknod: 'touch create-node',
  init: 'create new',
  log: 'history commits',
  revert: 'undo rollback reset',
  'restore-path': 'checkout',
  fsck: 'check doctor',
  recover: 'repair',
  maintain: 'gc vacuum prune compact optimize clean',
  replicate: 'clone',
  push: 'sync backup',
  pull: 'fetch',
  control: 'tasks jobs ps queue',
  'control retry': 'retry',
  'control cancel': 'cancel kill stop',
  'control dismiss': 'dismiss skip',
  config: 'settings set',
  serve: 'server daemon start',
};

/** Name of the command that does what is called by that word elsewhere; null where there is none. */
export const commandCalled = (word: string): string | null =>
  Object.entries(OTHER_NAMES).find(([, words]) => words.split(' ').includes(word))?.[0] ?? null;
