/** Fails when a changed CSV file lacks one of the columns. */
export default {
  name: 'csv-columns',
  description: 'Checks that changed CSV files have the columns that they need.',
  kind: 'executable',
  modes: ['PostCommitReader'],

  config({ columns, ...unknown }) {
    for (const key of Object.keys(unknown)) throw new Error(`${key}: unknown key; the known key is columns`);
    if (!Array.isArray(columns) || columns.some((name) => typeof name !== 'string')) {
      throw new Error('columns: expected a list of names');
    }
    return { columns };
  },

  async execute({ files, changes, log, signal }, { columns }) {
    const problems = [];
    for (const { kind, path } of changes) {
      if (kind === 'deleted' || !path.endsWith('.csv')) continue;
      signal.throwIfAborted();
      const [header = ''] = (await files.readText(path)).split(/\r?\n/, 1);
      const present = new Set(header.split(',').map((name) => name.trim()));
      const missing = columns.filter((name) => !present.has(name));
      if (missing.length > 0) problems.push(`${path} has no column ${missing.join(', ')}`);
      else log.log('info', 'columns_checked', { path, columns: columns.length });
    }
    if (problems.length > 0) throw new Error(problems.join('; '));
  },
};
