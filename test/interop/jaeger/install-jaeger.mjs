// Builds Jaeger from its Go module, once, into a cache of the user's outside the repository. That takes minutes.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const MODULE = 'github.com/jaegertracing/jaeger';
const VERSION = 'v1.76.0';
const PROGRAM = 'all-in-one';
const BUILD_TIMEOUT_MS = 45 * 60_000;

/**
 * `go install module@version` refuses a module that replaces others, as Jaeger does. So it is installed from within
 * a module that needs nothing else and replaces what it replaces.
 */
const GO_MOD = `module pond-interop

go 1.25

require ${MODULE} ${VERSION}

replace github.com/Shopify/sarama => github.com/Shopify/sarama v1.33.0
`;

/** The program's path. */
export const installJaeger = () => {
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'pond-steward');
  const home = join(cache, `jaeger-${VERSION}`);
  const program = join(home, PROGRAM);
  if (existsSync(program)) return program;
  requireGo();
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'building-'));
  try {
    console.log(`building Jaeger ${VERSION} into ${home}: this takes minutes, once`);
    writeFileSync(join(work, 'go.mod'), GO_MOD);
    go(['install', '-mod=mod', `${MODULE}/cmd/${PROGRAM}`], {
      cwd: work,
      env: { ...process.env, GOBIN: join(work, 'bin'), GOWORK: 'off' },
    });
    publish(join(work, 'bin'), home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return program;
};

const requireGo = () => {
  const { error } = spawnSync('go', ['version'], { stdio: 'ignore' });
  if (error?.code === 'ENOENT')
    throw new Error(
      'Go is needed: Jaeger, which shows the traces, is built from its Go module. Install Go 1.25 or newer, so that `go` is on PATH.',
    );
};

const go = (args, options) => {
  const { status, signal, error } = spawnSync('go', args, {
    ...options,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: BUILD_TIMEOUT_MS,
  });
  if (status !== 0)
    throw new Error(`go ${args.join(' ')}: ${error?.message ?? signal ?? `exit code ${status}`}; see above`);
};

/** Renames it at once, so that nobody finds half of it. Another run may have been faster. */
const publish = (from, to) => {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
};
