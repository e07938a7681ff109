import { expect, it } from 'vitest';
import { newTable } from './table.js';

it('a commit of which only its number is known, since the table with its records was put aside, is among all commits', async () => {
  const table = await newTable();
  const gone = { txnSeq: 7, txnId: '01890a5d-ac96-774b-bcce-b302099a8057', isReplaced: false };
  expect(await table.recordGone({ gone: [gone], returned: [] }, 1)()).toMatchObject({ _tag: 'Right' });
  expect(await table.commits()()).toMatchObject({
    right: [{ txnSeq: 7, txnId: gone.txnId, isGone: true }],
  });
});
