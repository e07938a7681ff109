import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file of the page, as it is served. */
interface ServedFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  readonly compressed: Uint8Array;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of the page, from beside this executable, or from a directory; null: there is no page there. */
export const readPage = (
  directory = join(dirname(realpathSync(process.argv[1] ?? '.')), 'page'),
): ReadonlyMap<string, ServedFile> | null => {
  if (!existsSync(join(directory, 'index.html'))) return null;
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return new Map(
    names.flatMap((name) => {
      const type = TYPES[extname(name)];
      if (type === undefined) return [];
      const bytes = readFileSync(join(directory, name));
      return [[name.replaceAll('\\', '/'), { type, bytes, compressed: gzipSync(bytes) }] as const];
    }),
  );
};
