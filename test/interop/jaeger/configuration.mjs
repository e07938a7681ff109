/** An entry that only says something. */
export const note = (message, envelope = '', config = {}) =>
  entry('test-executor', envelope, { message, ...config });

/** An entry that runs a script of the shell's. */
export const shell = (script, config = {}, envelope = '') =>
  entry('command', envelope, { run: ['sh', '-c', script], ...config });

/** JSON is YAML. */
const entry = (factory, envelope, config) =>
  [
    `factory: ${factory}`,
    ...(envelope === '' ? [] : [envelope]),
    `config: ${JSON.stringify(config)}`,
    '',
  ].join('\n');
