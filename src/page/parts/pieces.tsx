import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Asked, failureOf } from '../asking.js';
import { go } from '../routing.js';
import type { Failure } from '../shapes.js';
import { plain, plainLines } from './words.js';

/** A link inside the page. */
export const To = ({
  href,
  children,
  ...others
}: {
  readonly href: string;
  readonly children: ComponentChildren;
} & JSX.HTMLAttributes<HTMLAnchorElement>) => (
  <a
    {...others}
    href={href}
    onClick={(event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(href);
    }}
  >
    {children}
  </a>
);

const SIGNS: Readonly<Record<string, string>> = {
  completed: '✓',
  committed: '✓',
  failed: '✗',
  rolled_back: '✗',
  cancelled: '✗',
  skipped: '–',
  dismissed: '–',
  started: '●',
  pending: '○',
  incomplete: '○',
  due: '○',
};

/** A state by its sign, its colour and its word. */
export const State = ({
  state,
  short = false,
  word = state,
}: {
  readonly state: string;
  readonly short?: boolean;
  readonly word?: string;
}) => (
  <span class={`state ${state}`}>
    <span aria-hidden="true">{SIGNS[state] ?? '?'}</span>
    <span class={short ? 'heard' : ''}> {word.replace('_', ' ')}</span>
  </span>
);

export const Failed = ({ failure }: { readonly failure: Failure }) => (
  <div class="failure" role="alert">
    <strong class={failure.message.includes('\n') ? 'several' : ''}>{plainLines(failure.message)}</strong>
    {failure.remedy === null ? null : <div class="quiet">{plain(failure.remedy)}</div>}
  </div>
);

/** A value that was asked for, when it is there. */
export const Shown = <A,>({
  asked: { value, failure, isLoading },
  children,
}: {
  readonly asked: Asked<A>;
  readonly children: (value: A) => ComponentChildren;
}) => {
  return (
    // One element whatever is in it: what comes later keeps its place.
    <div>
      {failure === null ? null : <Failed failure={failure} />}
      {value === null ? null : children(value)}
      {value === null && failure === null && isLoading ? (
        <p class="quiet" role="status">
          loading …
        </p>
      ) : null}
    </div>
  );
};

export const Panel = ({
  title,
  aside,
  children,
}: {
  readonly title: string;
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
}) => (
  <section class="panel" aria-label={title}>
    <header>
      <h2>{title}</h2>
      {aside === undefined ? null : <div class="aside">{aside}</div>}
    </header>
    {children}
  </section>
);

/**
 * Rows that scroll by themselves where they are too wide. `folds`: on a narrow screen each row is a few lines instead, in which cells of
 * the class `named` say their column.
 */
export const Table = ({
  label,
  head,
  numbers,
  folds = false,
  children,
}: {
  readonly label: string;
  readonly head: readonly string[];
  /** Columns of numbers, by their places. */
  readonly numbers?: ReadonlySet<number>;
  readonly folds?: boolean;
  readonly children: ComponentChildren;
}) => {
  const body = useRef<HTMLTableSectionElement>(null);
  useEffect(() => {
    if (!folds) return;
    for (const row of body.current?.rows ?? [])
      for (const [index, cell] of [...row.cells].entries()) cell.dataset.column = head[index] ?? '';
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
    <section class={folds ? 'scroll folds' : 'scroll'} tabIndex={0} aria-label={label}>
      <table>
        <thead>
          <tr>
            {head.map((name, index) => (
              <th key={name} scope="col" class={numbers?.has(index) === true ? 'number' : ''}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>{children}</tbody>
      </table>
    </section>
  );
};

/** A deed that asks first, and says what will happen. */
export const Deed = ({
  name,
  says,
  does,
  isOff = false,
}: {
  readonly name: string;
  readonly says: ComponentChildren;
  readonly does: () => Promise<unknown>;
  readonly isOff?: boolean;
}) => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (!isOpen || shown === null) return;
    shown.showModal();
    // The browser closes it by the key Escape.
    const closed = () => {
      setOpen(false);
      setFailure(null);
    };
    shown.addEventListener('close', closed);
    return () => shown.removeEventListener('close', closed);
  }, [isOpen]);
  const close = () => dialog.current?.close();
  const act = async () => {
    setBusy(true);
    try {
      await does();
      close();
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  if (isOff) return null;
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {name}
      </button>
      {isOpen ? (
        <dialog ref={dialog} aria-label={name}>
          <h2>{name}</h2>
          <div class="says">{says}</div>
          {failure === null ? null : <Failed failure={failure} />}
          <div class="choices">
            <button type="button" onClick={close}>
              Cancel
            </button>
            <button type="button" class="main" disabled={isBusy} onClick={() => void act()}>
              {isBusy ? 'Working …' : name}
            </button>
          </div>
        </dialog>
      ) : null}
    </>
  );
};
