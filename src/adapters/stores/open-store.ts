import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { readStoreAddress } from '../../domain/store-address.js';
import type { InvalidPlace, ObjectStore, ObjectStores } from '../../ports/object-store.js';
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
      const named = readStoreAddress(place);
      if (isLeft(named)) return left({ _tag: 'InvalidPlace', url: place.url, problem: named.left });
      if (named.right._tag === 'Directory') {
        const { directory } = named.right;
        return right(directoryStore(ports.directory(directory), directory, place.url));
      }
      const { bucket, path } = named.right;
      const { s3Store } = await import('./s3-store.js');
      const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION, AWS_DEFAULT_REGION } = ports.variables;
      return right(
        s3Store({
          url: place.url,
          bucket,
          prefix: path === '' ? '' : `${path.replace(/\/+$/, '')}/`,
          endpoint: place.endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? null,
          region: place.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1',
        }),
      );
    },
});
