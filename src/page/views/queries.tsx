import { useState } from 'preact/hooks';
import { post } from '../api.js';
import { failureOf } from '../asking.js';
import { Failed, Panel } from '../parts/pieces.js';
import { Rows, type RowsSource } from '../parts/rows.js';
import { duration } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Failure, QueryResult } from '../shapes.js';
import type { ViewOf } from './view.js';

const EXAMPLE = "SELECT * FROM '/in/data.csv' LIMIT 100";

/** SQL over the pond, whose rows are a table, a chart, and files to keep. */
export const Queries = ({ pond, place }: ViewOf) => {
  const [sql, setSql] = useState(place.query.get('sql') ?? '');
  const [at, setAt] = useState(place.query.get('at') ?? '');
  const { answer, took, failure, isBusy, ask } = useAnswer(pond);
  const askNow = (): void => {
    // The query can be linked to; a link does not ask by itself.
    go(viewAddress(pond, 'sql', { sql, at }), true);
    void ask(sql, at === '' ? undefined : Number(at));
  };
  return (
    <>
      <Panel title="SQL">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            askNow();
          }}
        >
          <label>
            <span class="heard">Query</span>
            <textarea
              class="code"
              rows={6}
              placeholder={EXAMPLE}
              spellcheck={false}
              value={sql}
              onInput={({ currentTarget }) => setSql(currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) askNow();
              }}
            />
          </label>
          <div class="tools">
            <button type="submit" class="main" disabled={isBusy || sql.trim() === ''}>
              {isBusy ? 'Asking …' : 'Ask'}
            </button>
            <label>
              as of commit{' '}
              <input
                class="short"
                inputMode="numeric"
                pattern="[0-9]*"
                placeholder="now"
                value={at}
                onInput={({ currentTarget }) => setAt(currentTarget.value)}
              />
            </label>
            <span class="quiet">
              Files, tables and series by their path in quotes. Ctrl Enter asks.{' '}
              {took === null ? '' : duration(took)}
            </span>
          </div>
        </form>
        {failure === null ? null : <Failed failure={failure} />}
      </Panel>
      {answer === null ? null : (
        <Panel title="Result">
          <Rows result={answer.rows} source={answer.source} name="result" />
        </Panel>
      )}
    </>
  );
};

interface Answer {
  readonly rows: QueryResult;
  readonly source: RowsSource;
}

/** Asks queries, one after another; the newest answer stands until the next one, or a failure. */
const useAnswer = (pond: string) => {
  const [answer, setAnswer] = useState<Answer | null>(null);
  /** Milliseconds that the newest answer took. */
  const [took, setTook] = useState<number | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [isBusy, setBusy] = useState(false);
  const ask = async (sql: string, at: number | undefined): Promise<void> => {
    setBusy(true);
    setFailure(null);
    const began = performance.now();
    try {
      const base = `/ponds/${encodeURIComponent(pond)}`;
      const rows = await post<QueryResult>(`${base}/sql`, { sql, limit: 5_000, at });
      setAnswer({ rows, source: { base, sql, at } });
      setTook(performance.now() - began);
    } catch (thrown) {
      setAnswer(null);
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return { answer, took, failure, isBusy, ask };
};
