import { isLeft, tryCatch } from 'fp-ts/lib/Either.js';

/**
 * What `POND_TRUST` says: directories and URLs that one process trusts, between colons or as a JSON list; `*` stands for
 * all of them.
 */
export const trustedPlaces = (text: string | undefined): readonly string[] => {
  const given = (text ?? '').trim();
  if (given.startsWith('[')) {
    const parsed = tryCatch(
      (): unknown => JSON.parse(given),
      () => null,
    );
    return isLeft(parsed) || !Array.isArray(parsed.right)
      ? []
      : parsed.right.filter((place) => typeof place === 'string' && place !== '');
  }
  const places: string[] = [];
  let scheme: string | null = null;
  for (const part of given.split(':')) {
    if (scheme !== null && part.startsWith('//')) places[places.length - 1] = `${scheme}:${part}`;
    else if (part !== '') places.push(part);
    scheme = part === '' ? null : part;
  }
  return places;
};

/** Whether a place is among them. Directories are compared as they are named, without a slash at their end. */
export const isTrustedPlace = (places: readonly string[], place: string): boolean =>
  places.some((trusted) => trusted === '*' || withoutSlash(trusted) === withoutSlash(place));

const withoutSlash = (place: string): string => (place.length > 1 ? place.replace(/\/+$/, '') : place);
