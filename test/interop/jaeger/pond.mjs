// A pond of a case's own, driven through the built executable.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EXECUTABLE = join(resolve(dirname(fileURLToPath(import.meta.url)), '../../..'), 'dist/bin/pond');
const COMMAND_TIMEOUT_MS = 120_000;

/** Nothing of another pond, of another trace or of other telemetry. */
const surroundings = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(POND|OTEL_|TRACE|XDG_STATE_HOME)/.test(name)),
  );

/** A new pond with these files in /etc/system.d, one commit; so the next commit is number 3. */
export const newPond = async (parent, name, configuration) => {
  const directory = mkdtempSync(join(parent, `${name}-`));
  const pond = pondIn(directory);
  await pond.run(['init']);
  const files = Object.entries(configuration);
  for (const [file, text] of files) writeFileSync(join(directory, file), text);
  await pond.run(['copy', ...files.map(([file]) => `host://${join(directory, file)}`), '/etc/system.d/']);
  return pond;
};

/**
 * `pond` in a directory, whether there is a pond in it or not. All ponds side by side are of one user, who has approved
 * each of them.
 */
export const pondIn = (directory) => {
  mkdirSync(directory, { recursive: true });
  const environment = (env) => ({
    ...surroundings(),
    POND: join(directory, 'pond'),
    XDG_STATE_HOME: join(dirname(directory), 'state'),
    ...env,
  });

  /** `ended` answers exit code and output; a command that hangs is killed. `wrap` is a program that calls it. */
  const start = (args, { env = {}, wrap = [] } = {}) => {
    const [program, ...rest] = [...wrap, EXECUTABLE, ...args];
    const child = spawn(program, rest, {
      cwd: directory,
      env: environment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: COMMAND_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        output[stream] += text;
      });
    }
    const ended = new Promise((done, failed) => {
      child.once('error', failed);
      child.once('close', (code, signal) => done({ code, signal, ...output }));
    });
    return { child, ended };
  };

  /** Runs a command to its end; another exit code than the expected one ends the case. */
  const run = async (args, { expect = 0, ...options } = {}) => {
    const { code, signal, stdout, stderr } = await start(args, options).ended;
    if (code !== expect)
      throw new Error(
        `pond ${args.join(' ')}: ${signal ?? `exit code ${code}`} instead of ${expect}\n${stdout}${stderr}`,
      );
    return { stdout, stderr };
  };

  const ask = async (args) => JSON.parse((await run([...args, '--json'])).stdout);
  return { directory, start, run, ask };
};
