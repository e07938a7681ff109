import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where Debian puts the programs of each version. */
const DEBIAN = '/usr/lib/postgresql';

/** The folder of `initdb` and `postgres`; null where there is none. */
const findPrograms = () => {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return (
    folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name)))) ?? null
  );
};

/** Debian's package, without the cluster that it would start by itself. Only root may install it. */
const installPrograms = () => {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return;
  console.error('installing PostgreSQL ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  try {
    mkdirSync('/etc/postgresql-common', { recursive: true });
    const config = '/etc/postgresql-common/createcluster.conf';
    if (!existsSync(config)) writeFileSync(config, 'create_main_cluster = false\n');
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'postgresql'], {
      env,
      stdio: 'ignore',
    });
  } catch (problem) {
    console.error(`apt-get: ${problem.message}`);
  }
};

/** It refuses to run as root: then as a user who may do nothing. */
const unprivileged = () => {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].flatMap((name) => users.filter(([user]) => user === name))[0];
  if (found === undefined)
    throw new Error('there is no user to run PostgreSQL as: neither postgres nor nobody');
  return { uid: Number(found[2]), gid: Number(found[3]) };
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/**
 * Starts a PostgreSQL of its own in a scratch folder: on the loopback alone, with a password, durable as it comes (`fsync` and
 * `synchronous_commit` on). `reached`: further addresses of this machine that it listens on, and the network that may come. Returns null, and says so, where there is none and
 * none can be installed.
 */
export const startPostgres = async (reached = { at: [], from: null }) => {
  if (findPrograms() === null) installPrograms();
  const programs = findPrograms();
  if (programs === null) {
    console.error('no PostgreSQL: install the package postgresql (initdb and postgres were not found)');
    return null;
  }
  const user = unprivileged();
  // The bench's own scratch folder is nobody else's to go through.
  const folder = mkdtempSync(join(tmpdir(), 'pond-postgres-'));
  const data = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  const password = randomBytes(16).toString('hex');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user.uid !== undefined) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  const authentication = ['-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  execFileSync(join(programs, 'initdb'), ['-D', data, '-U', 'bench', ...authentication], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  if (reached.from !== null)
    appendFileSync(join(data, 'pg_hba.conf'), `host all all ${reached.from} scram-sha-256\n`);
  const port = await freePort();
  const settings = [
    '-c',
    `listen_addresses=${['127.0.0.1', ...reached.at].join(',')}`,
    '-c',
    `port=${port}`,
    '-c',
    `unix_socket_directories=${folder}`,
  ];
  let server = await started(join(programs, 'postgres'), ['-D', data, ...settings], { ...user, cwd: folder });
  return {
    port,
    url: (database) => `postgres://bench:${password}@127.0.0.1:${port}/${database}`,
    /** Ends all connections and whatever is under way, as `systemctl restart` does. */
    restart: async () => {
      await server.stop();
      server = await started(join(programs, 'postgres'), ['-D', data, ...settings], { ...user, cwd: folder });
    },
    stop: async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** Starts the server, and waits until it takes connections. */
const started = async (program, args, options) => {
  const server = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = new Promise((resolve) => server.on('exit', resolve));
  let said = '';
  await new Promise((resolve, reject) => {
    server.stderr.on('data', (chunk) => {
      said = `${said}${chunk}`.slice(-4_000);
      if (said.includes('ready to accept connections')) resolve();
    });
    void ended.then(() => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
  return {
    stop: async () => {
      server.kill('SIGINT');
      await ended;
    },
  };
};
