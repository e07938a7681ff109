import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../api.js';
import { failureOf, useAsked } from '../asking.js';
import { Judged, type Verdict } from '../parts/judged.js';
import { Deed, Failed, Panel, Shown, To } from '../parts/pieces.js';
import { plain } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Failure } from '../shapes.js';
import type { ViewOf } from './view.js';

interface Factory {
  readonly name: string;
  readonly description: string;
  readonly kind: string;
  readonly modes: readonly string[];
}

interface Reference {
  readonly keys: readonly { readonly name: string; readonly needed: boolean; readonly meaning: string }[];
  readonly example: string | null;
}

const WATCH = 'watch';

/** Directories of entries, with when what is in them runs, and what can be there. */
const PLACES: readonly {
  readonly directory: string;
  readonly when: string;
  readonly takes: (factory: Factory) => boolean;
}[] = [
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

/** A form for a new entry: when it runs, what runs, and its configuration, which begins as the example of its factory. */
export const NewEntry = ({ pond, place, isReadOnly }: ViewOf) => {
  const base = `/ponds/${encodeURIComponent(pond)}`;
  const known = useAsked<{ readonly factories: readonly Factory[] }>(`${base}/factories`, 0);
  return (
    <Panel title="New entry" aside={<To href={viewAddress(pond, 'entries')}>entries</To>}>
      {isReadOnly ? (
        <p class="quiet">This server only shows.</p>
      ) : (
        <Shown asked={known}>
          {({ factories }) => (
            <Form pond={pond} base={base} factories={factories} wanted={place.query.get('directory')} />
          )}
        </Shown>
      )}
    </Panel>
  );
};

const Form = ({
  pond,
  base,
  factories,
  wanted,
}: {
  readonly pond: string;
  readonly base: string;
  readonly factories: readonly Factory[];
  /** The directory that it begins with, where there is such a one. */
  readonly wanted: string | null;
}) => {
  const places = PLACES.filter(({ takes }) => factories.some(takes));
  const first = places.find((place) => place.directory === wanted) ?? places[0];
  const [directory, setDirectory] = useState(first?.directory ?? '');
  const possible = factories.filter((one) =>
    places.some((place) => place.directory === directory && place.takes(one)),
  );
  const [chosen, setChosen] = useState('');
  const factory = possible.find(({ name }) => name === chosen) ?? possible[0];
  const [name, setName] = useState('');
  const [reference, setReference] = useState<Reference | null>(null);
  const [text, setText] = useState('');
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const factoryName = factory?.name ?? '';
  useEffect(() => {
    const gone = new AbortController();
    setReference(null);
    setVerdict(null);
    setFailure(null);
    get<Reference>(`${base}/factories/${encodeURIComponent(factoryName)}`, gone.signal).then(
      (found) => {
        setReference(found);
        setText(found.example ?? `factory: ${factoryName}\nconfig: {}\n`);
      },
      (thrown) => {
        if (!gone.signal.aborted) setFailure(failureOf(thrown));
      },
    );
    return () => gone.abort();
  }, [base, factoryName]);
  const path = `${directory}/${name.trim()}`;
  const isNamed = /^[^/]+$/.test(name.trim());
  const given = { path, text, factory: factoryName };
  const check = async () => {
    setFailure(null);
    setVerdict(null);
    try {
      setVerdict(await post<Verdict>(`${base}/entries/check`, { ...given, last: 10 }));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    }
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNamed) void check();
      }}
    >
      <label>
        <span>runs</span>
        <select value={directory} onChange={({ currentTarget }) => setDirectory(currentTarget.value)}>
          {places.map((place) => (
            <option key={place.directory} value={place.directory}>
              {place.when}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span>factory</span>
        <select value={factoryName} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
          {possible.map((one) => (
            <option key={one.name} value={one.name}>
              {plain(one.name)}
            </option>
          ))}
        </select>
      </label>
      <p class="quiet">{plain(factory?.description ?? '')}</p>
      <label>
        <span>name</span>
        <input
          value={name}
          required
          placeholder="50-report"
          autocomplete="off"
          spellcheck={false}
          onInput={({ currentTarget }) => {
            setVerdict(null);
            setName(currentTarget.value);
          }}
        />
      </label>
      <p class="quiet">
        <code>{plain(isNamed ? path : `${directory}/…`)}</code>
      </p>
      <label class="whole">
        <span class="heard">Configuration</span>
        <textarea
          class="code"
          rows={Math.min(24, text.split('\n').length + 2)}
          spellcheck={false}
          value={text}
          onInput={({ currentTarget }) => {
            setVerdict(null);
            setText(currentTarget.value);
          }}
        />
      </label>
      {reference === null || reference.keys.length === 0 ? null : (
        <details class="whole">
          <summary>keys of config</summary>
          <dl>
            {reference.keys.map((key) => (
              <div key={key.name}>
                <dt>
                  <code>{plain(key.name)}</code>{' '}
                  {key.needed ? '' : <span class="quiet">may be left out</span>}
                </dt>
                <dd>{plain(key.meaning)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <div class="tools whole">
        <button type="submit" disabled={!isNamed}>
          Check
        </button>
        <Deed
          name="Keep"
          isOff={verdict?.is_valid !== true}
          says={
            <p>Makes one commit that adds {plain(path)}. It sets off nothing; what comes after it does.</p>
          }
          does={async () => {
            await post(`${base}/entries`, { ...given, sha256: null });
            go(viewAddress(pond, 'entries', { path }));
          }}
        />
        {verdict === null ? (
          <span class="quiet">The example is to be changed. What is checked can be kept.</span>
        ) : null}
      </div>
      <div class="whole">
        {failure === null ? null : <Failed failure={failure} />}
        {verdict === null ? null : <Judged pond={pond} verdict={verdict} />}
      </div>
    </form>
  );
};
