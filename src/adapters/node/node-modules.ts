import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as IOE from 'fp-ts/lib/IOEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Modules } from '../../ports/modules.js';
import { errnoOf } from './files/errno.js';
import { importModule } from './import-module.js';
import { withinModuleCall } from './own-process/stray-errors.js';

/**
 * Loads users' modules with Node's own `import`: ES modules and CommonJS, each once per process. A relative name
 * (`./mine.js`) and an absolute one are files; a bare name (`my-factories`) is a package as `require` would find it
 * from `base`, so a package that can only be imported must be named by its file.
 */
export const nodeModules: Modules = {
  load: (specifier, base) =>
    TE.tryCatch(
      async () => {
        // A plain object with the same members: a module's own has no prototype and cannot be passed on everywhere.
        return Object.fromEntries(Object.entries(await importModule(urlOf(specifier, base))));
      },
      (error) => ({ _tag: 'ModuleNotLoaded', specifier, message: messageOf(error, specifier) }),
    ),
  find: (specifier, base) =>
    IOE.tryCatch(
      () => {
        const url = urlOf(specifier, base);
        if (url.startsWith('file:') && !statSync(fileURLToPath(url)).isFile())
          throw new Error('it is not a file');
      },
      (error) => ({ _tag: 'ModuleNotLoaded', specifier, message: notFound(error, specifier) }),
    ),
  within: withinModuleCall,
};

const notFound = (error: unknown, specifier: string): string => {
  const code = errnoOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' ? 'there is no such file' : messageOf(error, specifier);
};

const urlOf = (specifier: string, base: string): string => {
  if (specifier.startsWith('file:')) return specifier;
  if (isFile(specifier)) return pathToFileURL(resolve(base, specifier)).href;
  const found = createRequire(join(base, 'from-here.js')).resolve(specifier);
  return isAbsolute(found) ? pathToFileURL(found).href : found;
};

const isFile = (specifier: string): boolean => isAbsolute(specifier) || /^\.\.?(\/|$)/.test(specifier);

const messageOf = (error: unknown, specifier: string): string => {
  const isMissing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'].includes(errnoOf(error));
  const [firstLine = 'cannot be loaded'] = (error instanceof Error ? error.message : String(error)).split(
    '\n',
  );
  return isMissing && !isFile(specifier) && !specifier.startsWith('file:')
    ? `${firstLine} (a file is named with ./ in front: ./${specifier})`
    : firstLine;
};
