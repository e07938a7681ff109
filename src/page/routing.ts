import { useEffect, useState } from 'preact/hooks';

/** A view of a pond, as its address says it. */
export interface Place {
  readonly pond: string | null;
  readonly view: string;
  /** Parts of the address after the view's name. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

const placeOf = (): Place => {
  const [pond, view = 'overview', ...rest] = location.pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent);
  return { pond: pond ?? null, view, rest, query: new URLSearchParams(location.search) };
};

const CHANGED = 'pond-place';

/** Goes to another view, and its beginning, without loading the page again. `replace`: the same view, somewhat different. */
export const go = (address: string, replace = false): void => {
  if (replace) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  dispatchEvent(new Event(CHANGED));
  if (!replace) scrollTo(0, 0);
};

export const usePlace = (): Place => {
  const [place, setPlace] = useState(placeOf);
  useEffect(() => {
    const look = () => setPlace(placeOf());
    for (const name of ['popstate', CHANGED]) addEventListener(name, look);
    return () => {
      for (const name of ['popstate', CHANGED]) removeEventListener(name, look);
    };
  }, []);
  return place;
};

/** Address of a view. Names of files may have anything in them. */
export const viewAddress = (
  pond: string,
  view: string,
  query: Readonly<Record<string, string | number | undefined>> = {},
): string => {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `/${encodeURIComponent(pond)}/${view}${search}`;
};
