import { type Either, left, right } from 'fp-ts/lib/Either.js';

/** Place that the address of a store names. */
export type NamedStore =
  | { readonly _tag: 'Directory'; readonly directory: string }
  | { readonly _tag: 'Bucket'; readonly bucket: string; readonly path: string };

/** Reads the address of a store, `s3://bucket/prefix` or `file:///directory`; an error says what is wrong with it. */
export const readStoreAddress = ({
  url,
  endpoint,
}: {
  readonly url: string;
  readonly endpoint?: string | undefined;
}): Either<string, NamedStore> => {
  if (/\p{Cc}/u.test(url)) return left('it has a character that is not printed');
  const [, scheme, rest = ''] = /^([a-z0-9]+):\/\/(.*)$/.exec(url) ?? [];
  if (scheme === 'file') {
    if (!rest.startsWith('/') || rest.length < 2) {
      return left('a directory is named by its absolute path, file:///srv/backup');
    }
    if (endpoint !== undefined) return left('a directory has no endpoint');
    if (rest.split('/').includes('..')) return left('a path with .. is not taken');
    return right({ _tag: 'Directory', directory: rest.replace(/\/+$/, '') });
  }
  if (scheme !== 's3') return left('it begins with s3:// or file:///');
  const [, bucket, path = ''] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(rest) ?? [];
  if (bucket === undefined)
    return left(
      'a bucket is named as in s3://bucket/prefix, by 3 to 63 small letters, digits, dots and hyphens',
    );
  if (/[?#]/.test(path)) return left('it has no query; credentials come from the environment');
  const prefix = path.replace(/\/+$/, '');
  // Stores differ in what they take these for: names, nothing, or the way to another prefix.
  if (prefix !== '' && prefix.split('/').some((name) => ['', '.', '..'].includes(name)))
    return left('a prefix with //, or with . or .. between slashes, is not taken');
  const problem = endpoint === undefined ? null : endpointProblem(endpoint);
  return problem === null ? right({ _tag: 'Bucket', bucket, path }) : left(problem);
};

const endpointProblem = (endpoint: string): string | null => {
  if (endpoint.includes('@')) return 'credentials come from the environment, not from an endpoint';
  return /^https?:\/\/[^/\s?#]+\/?$/.test(endpoint)
    ? null
    : `its endpoint ${endpoint} is not like https://host:port`;
};
