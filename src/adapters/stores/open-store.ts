import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InvalidPlace, ObjectStore, ObjectStores, StorePlace } from '../../ports/object-store.js';
import { type DirectoryStorePorts, directoryStore } from './directory-store.js';

export interface StorePorts {
  /** Ports by which a directory is a store: nothing below it is reached through a symlink. */
  readonly directory: (path: string) => DirectoryStorePorts;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Opens directories and buckets by their addresses. Amazon's library is loaded with the first bucket. */
export const objectStores = (ports: StorePorts): ObjectStores => ({
  open:
    (place): TaskEither<InvalidPlace, ObjectStore> =>
    async () => {
      const invalid = (problem: string) => left({ _tag: 'InvalidPlace', url: place.url, problem } as const);
      const [, scheme, rest = ''] = /^([a-z0-9]+):\/\/(.*)$/.exec(place.url) ?? [];
      if (scheme === 'file') {
        if (!rest.startsWith('/') || rest.length < 2) {
          return invalid('a directory is named by its absolute path, file:///srv/backup');
        }
        if (place.endpoint !== undefined) return invalid('a directory has no endpoint');
        if (rest.split('/').includes('..')) return invalid('a path with .. is not taken');
        const directory = rest.replace(/\/+$/, '');
        return right(directoryStore(ports.directory(directory), directory, place.url));
      }
      if (scheme !== 's3') return invalid('it begins with s3:// or file:///');
      const [, bucket, path = ''] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(rest) ?? [];
      if (bucket === undefined) return invalid('a bucket is named as in s3://bucket/prefix');
      const problem = placeProblem(place);
      if (problem !== null) return invalid(problem);
      const { s3Store } = await import('./s3-store.js');
      const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = ports.variables;
      return right(
        s3Store({
          ...{ url: place.url, bucket },
          prefix: path === '' ? '' : `${path.replace(/\/+$/, '')}/`,
          endpoint: place.endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? null,
          region: place.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
        }),
      );
    },
});

const placeProblem = ({ endpoint }: StorePlace): string | null => {
  if (endpoint === undefined) return null;
  if (!/^https?:\/\/[^/\s?#]+\/?$/.test(endpoint))
    return `its endpoint ${endpoint} is not like https://host:port`;
  return endpoint.includes('@') ? 'credentials come from the environment, not from an endpoint' : null;
};
