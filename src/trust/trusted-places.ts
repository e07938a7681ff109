import { type Either, isLeft, left, right, tryCatch } from 'fp-ts/lib/Either.js';

/** Directories and URLs that one process trusts; `*` stands for all of them. */
export type TrustedPlaces = readonly string[];

/**
 * Places that `POND_TRUST` names: directories and URLs between colons or as a JSON list. What it cannot mean is an error in
 * words, and trusts nothing: a relative directory would be another one wherever the process is started.
 */
export const trustedPlaces = (text: string | undefined): Either<string, TrustedPlaces> => {
  const given = (text ?? '').trim();
  const places = given.startsWith('[') ? listedPlaces(given) : right(placesBetweenColons(given));
  if (isLeft(places)) return places;
  const strange = places.right.find((place) => !isPlace(place));
  return strange === undefined
    ? places
    : left(`${JSON.stringify(strange)} is neither an absolute path nor a URL`);
};

const listedPlaces = (given: string): Either<string, TrustedPlaces> => {
  const parsed = tryCatch(
    (): unknown => JSON.parse(given),
    () => 'it begins like a JSON list and is not JSON',
  );
  if (isLeft(parsed)) return parsed;
  return Array.isArray(parsed.right) && parsed.right.every((place) => typeof place === 'string')
    ? right(parsed.right.filter((place) => place !== ''))
    : left('it is not a JSON list of strings');
};

/** The colons of a URL, before `//` and before its port, are its own. */
const placesBetweenColons = (given: string): TrustedPlaces =>
  given.split(/(?<!:\/\/[^:/]*):(?!\/\/)|(?<=:\/\/[^:/]*):(?!\d+(?:[/:]|$))/).filter((place) => place !== '');

const isPlace = (place: string): boolean =>
  place === '*' || place.startsWith('/') || /^[a-z][a-z0-9+.-]*:\/\//i.test(place);

/**
 * Tells whether a place is among them. `real` gives a directory without links in its path; one that is not there, and a URL,
 * is compared as it is named, without a slash at its end.
 */
export const isTrustedPlace = (
  places: TrustedPlaces,
  place: string,
  real: (directory: string) => string = (directory) => directory,
): boolean => {
  const wanted = real(withoutSlash(place));
  return places.some((trusted) => trusted === '*' || real(withoutSlash(trusted)) === wanted);
};

const withoutSlash = (place: string): string => (place.length > 1 ? place.replace(/\/+$/, '') : place);
