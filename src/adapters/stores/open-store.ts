import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { readStoreAddress } from '../../domain/store-address.js';
import type { InvalidPlace, ObjectStore, ObjectStores } from '../../ports/object-store.js';
import { directoryStore } from './directory-store.js';
import type { DirectoryStorePorts } from './object-files.js';

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
      const region = firstOf(ports.variables, ['AWS_REGION', 'AWS_DEFAULT_REGION']);
      const server = firstOf(ports.variables, ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']);
      const problem = place.endpoint === undefined && server !== null ? problemOf(server) : null;
      if (problem !== null) return left({ _tag: 'InvalidPlace', url: place.url, problem });
      return right(
        s3Store({
          url: place.url,
          bucket,
          prefix: path === '' ? '' : `${path.replace(/\/+$/, '')}/`,
          endpoint: place.endpoint ?? server?.value ?? null,
          region: place.region || region?.value || 'us-east-1',
        }),
      );
    },
});

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The first of these variables that is set. An empty one is not. */
const firstOf = (variables: StorePorts['variables'], names: readonly string[]): Variable | null => {
  for (const name of names) {
    const value = variables[name] ?? '';
    if (value !== '') return { name, value };
  }
  return null;
};

/** Says what is wrong with the address of a server in a variable; null: nothing. It is not repeated: there may be a password in it. */
const problemOf = ({ name, value }: Variable): string | null => {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    return `${name} is not an address like https://host:port`;
  return url.username + url.password === '' ? null : `credentials are not taken from the address in ${name}`;
};
