import { State, Table } from './pieces.js';
import { cell, plain } from './words.js';

/** Rows of a list that are shown. */
const MOST_ROWS = 50;
/** Lists inside lists that are shown as tables; what is deeper is JSON. */
const DEEPEST = 2;

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** A report as people read it: facts by their names, lists as tables; whatever it is, as text. */
export const Report = ({ value, depth = 0 }: { readonly value: unknown; readonly depth?: number }) => {
  if (isPlain(value)) return <span>{cell(value)}</span>;
  if (Array.isArray(value)) return <List values={value} depth={depth} />;
  if (!isFields(value) || depth > DEEPEST) return <code>{cell(value)}</code>;
  const facts = Object.entries(value);
  return (
    <div class="report">
      <dl class="facts">
        {facts
          .filter(([, fact]) => isPlain(fact))
          .map(([name, fact]) => (
            <div key={name}>
              <dt>{plain(name)}</dt>
              <dd>{cell(fact)}</dd>
            </div>
          ))}
      </dl>
      {facts
        .filter(([, fact]) => !isPlain(fact))
        .map(([name, fact]) => (
          <section key={name} class="part">
            <h4>{plain(name)}</h4>
            <Report value={fact} depth={depth + 1} />
          </section>
        ))}
    </div>
  );
};

const List = ({ values, depth }: { readonly values: readonly unknown[]; readonly depth: number }) => {
  const shown = values.slice(0, MOST_ROWS);
  const more =
    values.length > shown.length ? <p class="quiet">and {values.length - shown.length} more</p> : null;
  if (!shown.every(isFields))
    return (
      <>
        <ul class="lines">
          {shown.map((one, at) => (
            <li key={at}>{cell(one)}</li>
          ))}
        </ul>
        {more}
      </>
    );
  const holdsLists = shown.some((one) => Object.values(one).some(Array.isArray));
  if (holdsLists && depth < DEEPEST)
    return (
      <>
        {shown.map((one, at) => (
          <Report key={at} value={one} depth={depth + 1} />
        ))}
        {more}
      </>
    );
  const passed = shown.filter(hasPassed);
  const others = shown.filter((one) => !hasPassed(one));
  return (
    <>
      {others.length === 0 ? null : <Rows rows={others} />}
      {passed.length === 0 ? null : (
        <details>
          <summary>{passed.length} passed</summary>
          <Rows rows={passed} />
        </details>
      )}
      {more}
    </>
  );
};

/** Tells whether it is the result of a check that found nothing: what was found is looked for among many of these. */
const hasPassed = ({ result }: Fields): boolean => result === 'passed';

const Rows = ({ rows }: { readonly rows: readonly Fields[] }) => {
  const columns = [...new Set(rows.flatMap((one) => Object.keys(one)))];
  return (
    <Table label="report" head={columns.map(plain)}>
      {rows.map((one, at) => (
        <tr key={at}>
          {columns.map((name) => (
            <td key={name} class={typeof one[name] === 'number' ? 'number' : ''}>
              {name === 'result' ? <Result value={one[name]} /> : cell(one[name])}
            </td>
          ))}
        </tr>
      ))}
    </Table>
  );
};

/** The result of a check, as states are shown. */
const Result = ({ value }: { readonly value: unknown }) =>
  value === 'passed' || value === 'failed' ? (
    <State state={value === 'passed' ? 'completed' : 'failed'} word={value} />
  ) : (
    <span>{cell(value)}</span>
  );
