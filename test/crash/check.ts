import { ask } from './asking.js';

interface Finding {
  readonly tag: string;
  readonly severity: 'error' | 'repairable' | 'note';
  readonly message: string;
}

/** What a crash may leave of what was never committed: it refers to nothing, and nothing refers to it. */
const UNUSED = ['OrphanedBlob', 'OrphanedDataFile'];

/** What `pond fsck` finds wrong with a pond. */
export const faultsOfCheck = async (pond: string): Promise<readonly string[]> => {
  const { out, err } = await ask(pond, 'fsck', '--plans', '--json');
  const document: { readonly findings?: readonly Finding[] } = JSON.parse(out.toString());
  if (document.findings === undefined) return [`fsck: ${out.toString()}${err}`];
  return document.findings
    .filter(({ severity, tag }) => severity !== 'note' && !UNUSED.includes(tag))
    .map(({ tag, message }) => `fsck: ${tag}: ${message}`);
};
