/**
 * The chain of ponds: a task's child process is told in `POND_CHAIN` for which commit of which pond it runs, and
 * for which that one ran, `<pond_id>@<txn_seq>,...`, innermost last. So a `pond` command inside a task knows that
 * it is one.
 */
export interface ChainLink {
  readonly pondId: string;
  readonly txnSeq: number;
}

export const CHAIN_VARIABLE = 'POND_CHAIN';

/** Reads the variable; what is not a link is passed over, since it was not put there by us. */
export const readChain = (text: string | undefined): readonly ChainLink[] =>
  (text ?? '').split(',').flatMap((link) => {
    const match = /^([0-9a-f-]{36})@(\d{1,15})$/.exec(link.trim());
    const pondId = match?.[1];
    return pondId === undefined ? [] : [{ pondId, txnSeq: Number(match?.[2]) }];
  });

export const printChain = (chain: readonly ChainLink[]): string =>
  chain.map(({ pondId, txnSeq }) => `${pondId}@${txnSeq}`).join(',');

/** The commit for whose task this process runs, where it is one of this pond's. */
export const commitOfSurroundingTask = (chain: readonly ChainLink[], pondId: string): number | null =>
  chain.findLast((link) => link.pondId === pondId)?.txnSeq ?? null;
