import { ask } from '../scenarios/asking.js';

interface Finding {
  readonly tag: string;
  readonly message: string;
}

/**
 * What `pond fsck` finds in a pond that is to be as if nothing had happened: not even something harmless, but for what
 * the next commit puts right and nobody needs before.
 */
export const faultsOfCheck = async (
  pond: string,
  allowed: readonly 'LastCheckpointMissing'[] = [],
): Promise<readonly string[]> => {
  const { out, err } = await ask(pond, 'fsck', '--plans', '--json');
  const document: { readonly findings?: readonly Finding[] } = JSON.parse(out.toString());
  if (document.findings === undefined) return [`fsck: ${out.toString()}${err}`];
  return (
    document.findings
      // What was forgotten was meant to be.
      .filter(({ tag }) => tag !== 'ContentsForgotten' && !allowed.some((name) => name === tag))
      .map(({ tag, message }) => `fsck: ${tag}: ${message}`)
  );
};
