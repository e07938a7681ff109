/** A factory, as a form needs to know it. */
export interface Factory {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly modes: readonly string[];
}

const WATCH = 'watch';

/** A directory of entries, with when what is in it runs, and what can be there. */
export interface EntryPlace {
  readonly directory: string;
  readonly when: string;
  readonly takes: (factory: Factory) => boolean;
}

export const ENTRY_PLACES: readonly EntryPlace[] = [
  {
    directory: '/etc/system.d',
    when: 'after a commit',
    takes: ({ name, modes }) => name !== WATCH && modes.includes('PostCommitReader'),
  },
  {
    directory: '/etc/schedule.d',
    when: 'at its times',
    takes: ({ name, kind }) => name !== WATCH && kind === 'executable',
  },
  {
    directory: '/etc/gate.d',
    when: 'before a commit, which it may refuse',
    takes: ({ name, modes }) => name !== WATCH && modes.includes('InTransactionWriter'),
  },
  {
    directory: '/etc/watch.d',
    when: 'when files arrive in a folder',
    takes: ({ name }) => name === WATCH,
  },
];
