import { viewAddress } from '../routing.js';
import type { Verdict } from '../shapes.js';
import { Failed, State, To } from './pieces.js';
import { plain } from './words.js';

/** A verdict in words. */
export const Judged = ({ pond, verdict }: { readonly pond: string; readonly verdict: Verdict }) => {
  if (verdict.error !== null) return <Failed failure={verdict.error} />;
  const changed = verdict.commits.filter(({ did_run, would_run }) => did_run !== would_run);
  return (
    <div role="status">
      <p>
        <State state="completed" word="It is right." />{' '}
        {verdict.warning === null ? null : <span class="why">{plain(verdict.warning)}</span>}
      </p>
      {verdict.commits.length === 0 ? null : (
        <p class="quiet">
          Of the last {verdict.commits.length} commits it would have followed{' '}
          {verdict.commits.filter(({ would_run }) => would_run).length}.{' '}
          {changed.map(({ txn_seq, would_run }) => (
            <span key={txn_seq}>
              <To href={viewAddress(pond, `commit/${txn_seq}`)}>{txn_seq}</To>{' '}
              {would_run ? 'in addition' : 'no longer'}{' '}
            </span>
          ))}
        </p>
      )}
    </div>
  );
};
