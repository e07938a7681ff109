import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { beginSession, listen } from './api.js';
import { useAsked } from './asking.js';
import { Failed, Shown, To } from './parts/pieces.js';
import { plain } from './parts/words.js';
import { go, type Place, usePlace, viewAddress } from './routing.js';
import { Commit } from './views/commit/commit.js';
import { Commits } from './views/commits.js';
import { Entries } from './views/entries.js';
import { Files } from './views/files.js';
import { Firing } from './views/firing.js';
import { NewEntry } from './views/new-entry.js';
import { Overview } from './views/overview.js';
import { Queries } from './views/queries.js';
import { Schedules } from './views/schedules.js';
import type { ViewOf } from './views/view.js';

interface ServedPond {
  readonly name: string;
  readonly directory: string;
}

interface Ponds {
  readonly ponds: readonly ServedPond[];
  readonly is_read_only: boolean;
}

interface View {
  readonly name: string;
  readonly title: string;
  readonly view: (given: ViewOf) => preact.JSX.Element;
  /** Name of the view in whose place of the navigation it stands. */
  readonly under?: string;
}

const VIEWS: readonly View[] = [
  { name: 'overview', title: 'Overview', view: Overview },
  { name: 'commits', title: 'Commits', view: Commits },
  { name: 'commit', title: 'Commit', view: Commit, under: 'commits' },
  { name: 'files', title: 'Files', view: Files },
  { name: 'schedules', title: 'Schedules', view: Schedules },
  { name: 'firing', title: 'Firing', view: Firing, under: 'schedules' },
  { name: 'sql', title: 'SQL', view: Queries },
  { name: 'entries', title: 'Entries', view: Entries },
  { name: 'new-entry', title: 'New entry', view: NewEntry, under: 'entries' },
];

/** What a view is of: a number, a path, a firing. */
const subjectsOf = ({ rest, query }: Place): readonly string[] => [
  ...rest,
  ...['path', 'firing'].flatMap((name) => query.get(name) ?? []),
];

/** The name of a view. Whoever comes to another one by keys, or hears it, begins there. */
const Heading = ({ words, place }: { readonly words: string; readonly place: string }) => {
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  useEffect(() => {
    document.title = words;
    if (!isFirst.current) heading.current?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [words, place]);
  return (
    <h1 class="heard" tabIndex={-1} ref={heading}>
      {words}
    </h1>
  );
};

/** Counts of changes by pond, from the server's events; `isLive`: they are heard. `breaks` counts the times they were not. */
const useChanges = () => {
  const [versions, setVersions] = useState<ReadonlyMap<string, number>>(new Map());
  const [isLive, setLive] = useState(false);
  const [breaks, setBreaks] = useState(0);
  useEffect(() => {
    const gone = new AbortController();
    const told = (pond: string) =>
      setVersions((before) => new Map(before).set(pond, (before.get(pond) ?? 0) + 1));
    let isBroken = false;
    const live = (is: boolean) => {
      setLive(is);
      if (is && isBroken) setBreaks((before) => before + 1);
      isBroken = !is;
    };
    void listen(told, live, gone.signal);
    return () => gone.abort();
  }, []);
  return { versions, isLive, breaks };
};

const Page = () => {
  const place = usePlace();
  const { versions, isLive, breaks } = useChanges();
  // After a break it may be another server, of other ponds.
  const asked = useAsked<Ponds>('/ponds', breaks);
  return (
    <>
      <a class="heard" href="#main">
        to the content
      </a>
      <Shown asked={asked}>
        {({ ponds, is_read_only }) => {
          const chosen = ponds.find(({ name }) => name === place.pond) ?? ponds[0];
          if (chosen === undefined) return <p>No pond is served.</p>;
          const { name: pond } = chosen;
          const shown = VIEWS.find(({ name }) => name === place.view);
          return (
            <>
              <Top chosen={chosen} ponds={ponds} shown={shown} isLive={isLive} isReadOnly={is_read_only} />
              <Main
                pond={pond}
                place={place}
                shown={shown}
                version={versions.get(pond) ?? 0}
                isReadOnly={is_read_only}
              />
            </>
          );
        }}
      </Shown>
    </>
  );
};

/** The bar above every view: which pond, which views there are, and whether changes are heard. */
const Top = ({
  chosen,
  ponds,
  shown,
  isLive,
  isReadOnly,
}: {
  readonly chosen: ServedPond;
  readonly ponds: readonly ServedPond[];
  readonly shown: View | undefined;
  readonly isLive: boolean;
  readonly isReadOnly: boolean;
}) => (
  <header class="top">
    <strong class="mark">pond</strong>
    {ponds.length === 1 ? (
      <span class="pond" title={plain(chosen.directory)}>
        {plain(chosen.name)}
      </span>
    ) : (
      <label>
        <span class="heard">Pond</span>
        <select
          value={chosen.name}
          onChange={({ currentTarget }) => go(viewAddress(currentTarget.value, 'overview'))}
        >
          {ponds.map(({ name }) => (
            <option key={name} value={name}>
              {plain(name)}
            </option>
          ))}
        </select>
      </label>
    )}
    <nav aria-label="views">
      {VIEWS.filter(({ under }) => under === undefined).map(({ name, title }) => (
        <To
          key={name}
          href={viewAddress(chosen.name, name)}
          {...(name === (shown?.under ?? shown?.name) ? { 'aria-current': 'page' as const } : {})}
        >
          {title}
        </To>
      ))}
    </nav>
    <span class={`live ${isLive ? 'on' : 'off'}`} role="status">
      {isLive ? 'live' : 'not connected'}
      {isReadOnly ? ', shows only' : ''}
    </span>
  </header>
);

/** The view that the address names. */
const Main = ({ shown, ...given }: ViewOf & { readonly shown: View | undefined }) => {
  const { pond, place } = given;
  const title = `${shown?.title ?? 'Nothing here'} of ${plain(pond)}`;
  return (
    <main id="main">
      <Heading
        words={[title, ...subjectsOf(place).map(plain)].join(': ')}
        place={place.query.get('before') ?? ''}
      />
      {shown === undefined ? (
        <p>
          There is no such view. <To href={viewAddress(pond, 'overview')}>Overview</To>
        </p>
      ) : (
        <shown.view key={`${pond} ${place.view} ${place.rest.join('/')}`} {...given} />
      )}
    </main>
  );
};

const root = document.getElementById('page');
if (root !== null) {
  beginSession().then(
    () => render(<Page />, root),
    () =>
      render(
        <Failed failure={{ tag: 'NoAnswer', message: 'the server does not answer', remedy: null }} />,
        root,
      ),
  );
}
