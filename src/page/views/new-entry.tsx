import { useEffect, useState } from 'preact/hooks';
import { post } from '../api.js';
import { useAsked } from '../asking.js';
import { useChecking } from '../checking.js';
import { ConfigurationText } from '../parts/configuration-text.js';
import { Judged } from '../parts/judged.js';
import { Deed, Failed, Panel, Shown, To } from '../parts/pieces.js';
import { plain } from '../parts/words.js';
import { go, viewAddress } from '../routing.js';
import type { Failure, Verdict } from '../shapes.js';
import { ENTRY_PLACES, type Factory } from './entry-places.js';
import type { ViewOf } from './view.js';

interface Reference {
  readonly keys: readonly { readonly name: string; readonly needed: boolean; readonly meaning: string }[];
  readonly example: string | null;
}

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
  const place = usePlace(factories, wanted);
  const factory = place.factory?.name ?? '';
  const reference = useAsked<Reference>(`${base}/factories/${encodeURIComponent(factory)}`);
  const checking = useChecking(base);
  const { text, setText } = useExample(reference.value, factory);
  const [name, setName] = useState('');
  useEffect(checking.forget, [place.directory, factory]);
  const isNamed = /^[^/]+$/.test(name.trim());
  const path = `${place.directory}/${name.trim()}`;
  const configuration = { path, text, factory };
  /** What was said is about another configuration by then. */
  const forgetting = (change: (given: string) => void) => (given: string) => {
    checking.forget();
    change(given);
  };
  return (
    <form
      class="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (isNamed) void checking.check({ ...configuration, last: 10 });
      }}
    >
      <Choices of={place} />
      <Name name={name} takes={forgetting(setName)} />
      <p class="quiet">
        <code>{plain(isNamed ? path : `${place.directory}/…`)}</code>
      </p>
      <ConfigurationText text={text} most={24} takes={forgetting(setText)} />
      {reference.value === null || reference.value.keys.length === 0 ? null : <Keys of={reference.value} />}
      <Deeds
        path={path}
        isNamed={isNamed}
        verdict={checking.verdict}
        keeps={async () => {
          await post(`${base}/entries`, { ...configuration, sha256: null });
          go(viewAddress(pond, 'entries', { path }));
        }}
      />
      <Said pond={pond} failure={reference.failure ?? checking.failure} verdict={checking.verdict} />
    </form>
  );
};

/** The text of a configuration, which begins as the example of its factory once that is known. */
const useExample = (reference: Reference | null, factory: string) => {
  const [text, setText] = useState('');
  useEffect(() => {
    if (reference !== null) setText(reference.example ?? `factory: ${factory}\nconfig: {}\n`);
  }, [reference]);
  return { text, setText };
};

/** When the entry runs, and what. */
const Choices = ({
  of: { places, directory, setDirectory, possible, factory, setChosen },
}: {
  readonly of: ReturnType<typeof usePlace>;
}) => (
  <>
    <Choice
      label="runs"
      value={directory}
      options={places.map((place) => [place.directory, place.when])}
      takes={setDirectory}
    />
    <Choice
      label="factory"
      value={factory?.name ?? ''}
      options={possible.map((one) => [one.name, plain(one.name)])}
      takes={setChosen}
    />
    <p class="quiet">{plain(factory?.description ?? '')}</p>
  </>
);

/** What was answered about the configuration. */
const Said = ({
  pond,
  failure,
  verdict,
}: {
  readonly pond: string;
  readonly failure: Failure | null;
  readonly verdict: Verdict | null;
}) => (
  <div class="whole">
    {failure === null ? null : <Failed failure={failure} />}
    {verdict === null ? null : <Judged pond={pond} verdict={verdict} />}
  </div>
);

/** The directory that an entry comes into, and the factory that runs: what can be chosen, and what is. */
const usePlace = (factories: readonly Factory[], wanted: string | null) => {
  const places = ENTRY_PLACES.filter(({ takes }) => factories.some(takes));
  const first = places.find((place) => place.directory === wanted) ?? places[0];
  const [directory, setDirectory] = useState(first?.directory ?? '');
  const possible = factories.filter((one) =>
    places.some((place) => place.directory === directory && place.takes(one)),
  );
  const [chosen, setChosen] = useState('');
  const factory = possible.find((one) => one.name === chosen) ?? possible[0];
  return { places, directory, setDirectory, possible, factory, setChosen };
};

/** Checking what is written, and keeping it once it is right. */
const Deeds = ({
  path,
  isNamed,
  verdict,
  keeps,
}: {
  readonly path: string;
  readonly isNamed: boolean;
  readonly verdict: Verdict | null;
  readonly keeps: () => Promise<void>;
}) => (
  <div class="tools whole">
    <button type="submit" disabled={!isNamed}>
      Check
    </button>
    <Deed
      name="Keep"
      isOff={verdict?.is_valid !== true}
      says={<p>Makes one commit that adds {plain(path)}. It sets off nothing; what comes after it does.</p>}
      does={keeps}
    />
    {verdict === null ? (
      <span class="quiet">The example is to be changed. What is checked can be kept.</span>
    ) : null}
  </div>
);

const Choice = ({
  label,
  value,
  options,
  takes,
}: {
  readonly label: string;
  readonly value: string;
  /** Values with their words. */
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly takes: (value: string) => void;
}) => (
  <label>
    <span>{label}</span>
    <select value={value} onChange={({ currentTarget }) => takes(currentTarget.value)}>
      {options.map(([option, words]) => (
        <option key={option} value={option}>
          {words}
        </option>
      ))}
    </select>
  </label>
);

const Name = ({ name, takes }: { readonly name: string; readonly takes: (name: string) => void }) => (
  <label>
    <span>name</span>
    <input
      value={name}
      required
      placeholder="50-report"
      autocomplete="off"
      spellcheck={false}
      onInput={({ currentTarget }) => takes(currentTarget.value)}
    />
  </label>
);

/** Keys of a factory's configuration with their meanings. */
const Keys = ({ of: { keys } }: { readonly of: Reference }) => (
  <details class="whole">
    <summary>keys of config</summary>
    <dl>
      {keys.map((key) => (
        <div key={key.name}>
          <dt>
            <code>{plain(key.name)}</code> {key.needed ? '' : <span class="quiet">may be left out</span>}
          </dt>
          <dd>{plain(key.meaning)}</dd>
        </div>
      ))}
    </dl>
  </details>
);
