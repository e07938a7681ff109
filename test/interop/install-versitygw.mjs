// Builds versitygw, an S3 server over a directory, from its Go module, once, into a cache of the user's outside the repository.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const VERSION = 'v1.8.0';
const BUILD_TIMEOUT_MS = 30 * 60_000;

const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pond-steward');

/** The program's path where it was built before; else null. */
export const builtVersitygw = () => {
  const program = join(cacheFolder(), `versitygw-${VERSION}`);
  return existsSync(program) ? program : null;
};

/** Returns the program's path, or why there is none: no Go, or a module that cannot be had. */
export const installVersitygw = () => {
  const cache = cacheFolder();
  const program = join(cache, `versitygw-${VERSION}`);
  if (existsSync(program)) return { program };
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'building-'));
  try {
    console.log(`building versitygw ${VERSION} into ${program}: this takes minutes, once`);
    const built = spawnSync('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
      env: { ...process.env, GOBIN: work, GOWORK: 'off' },
      stdio: ['ignore', 'inherit', 'pipe'],
      encoding: 'utf8',
      timeout: BUILD_TIMEOUT_MS,
    });
    if (built.status !== 0) {
      const said = built.error?.message ?? built.stderr.trim().split('\n').at(-1);
      return { problem: `go install: ${said || built.signal}` };
    }
    renameSync(join(work, 'versitygw'), program);
    return { program };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};
