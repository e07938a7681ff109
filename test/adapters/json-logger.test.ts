import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions, logStyle } from '../../src/adapters/logging/json-logger.js';
import { redactingLogger } from '../../src/factories/registry/redact.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const setUp = (options: Partial<LoggerOptions> = {}) => {
  const lines: string[] = [];
  const logger = createLogger({
    level: 'info',
    pretty: false,
    colour: false,
    write: (line) => lines.push(line),
    ...options,
  });
  return { logger, lines };
};

describe('a log line as JSON', () => {
  it('has level, time, and event first, then its fields and those of its logger', () => {
    const { logger, lines } = setUp();
    logger.with({ task: '42.1' }).log('warn', 'task_failed', { attempt: 2, nested: { a: [1] } });
    expect(lines.length).toBe(1);
    expect(lines[0]?.endsWith('}\n')).toBe(true);
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      task: '42.1',
      event: 'task_failed',
      attempt: 2,
      nested: { a: [1] },
    });
    expect(lines[0]).toMatch(/^{"level":"warn","time":/);
  });

  it('has commands of advice as they are to be typed', () => {
    const { logger, lines } = setUp({ advice: (remedy) => remedy.replace('pond ', 'pond --pond /p ') });
    logger.log('warn', 'no_background_runner', { says: 'pond serve', remedy: 'pond serve' });
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { says: 'pond serve', remedy: 'pond --pond /p serve' },
    ]);
  });

  it('is one line whatever its fields contain, and no field can pass itself off as the event', () => {
    const { logger, lines } = setUp();
    logger.log('info', 'task_output', { line: 'a\n{"level":"error"}', event: 'forged', level: 'error' });
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'info',
      event: 'task_output',
      event_: 'forged',
      level_: 'error',
    });
  });
});

it('lines below the level are not written, at silent none', () => {
  const { logger, lines } = setUp({ level: 'warn' });
  logger.log('info', 'no');
  logger.log('warn', 'yes');
  expect(lines.length).toBe(1);
  const silent = setUp({ level: 'silent' });
  silent.logger.log('error', 'no');
  expect(silent.lines).toEqual([]);
});

describe('a log line for people', () => {
  it('has the time of day, the level, the event, and the fields in plain words', () => {
    const { logger, lines } = setUp({ pretty: true });
    logger.log('info', 'task_completed', { task: '42.1', message: 'all well', duration_ms: 12 });
    expect(lines[0]).toMatch(
      /^\d\d:\d\d:\d\d info {2}task_completed task=42\.1 message="all well" duration_ms=12\n$/,
    );
  });

  it('has no control characters of what was logged, and colours only when they are wanted', () => {
    const { logger, lines } = setUp({ pretty: true });
    logger.log('error', 'task_output', { line: '\u001b[2Jcleared \u009b2J' });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(lines[0]).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    const coloured = setUp({ pretty: true, colour: true });
    coloured.logger.log('error', 'task_failed');
    expect(coloured.lines[0]).toContain('\u001b[31merror\u001b[0m');
  });
});

describe('what tasks say', () => {
  const taskSays = (options: Partial<LoggerOptions>) => {
    const { logger, lines } = setUp({ level: 'warn', ofTasks: true, ...options });
    logger.log('info', 'executing_plan', { operation_count: 1 });
    const task = logger.with({ task: '42.1', config_path: '/etc/system.d/20-report' });
    task.log('info', 'task_output', { stream: 'stdout', line: 'all \u001b[2J well' });
    task.log('info', 'exported', { target: '/srv/site', files: 3 });
    task.log('debug', 'looked');
    logger.log('info', 'task_completed', { task: '42.1', config_path: '/etc/system.d/20-report' });
    return lines;
  };

  it('is seen on a terminal as it comes, whatever the level is, and nothing else below the level', () => {
    expect(taskSays({ pretty: true })).toEqual([
      '20-report | all \\x1b[2J well\n',
      '20-report | exported target=/srv/site files=3\n',
    ]);
  });

  it('loses its secrets, in the lines that somebody reads and in no other', () => {
    const seen: string[] = [];
    const redact = (text: string) => {
      seen.push(text);
      return text.replace('s3cret', '***');
    };
    const { logger, lines } = setUp({ level: 'warn', ofTasks: true, pretty: true });
    const safe = redactingLogger(logger, redact);
    const task = safe.with({ config_path: '/etc/system.d/20-report' });
    seen.length = 0;
    for (const level of ['debug', 'info', 'error'] as const)
      task.log(level, `at_${level}`, { said: `s3cret ${level}` });
    expect(lines.map((line) => line.replace(/^[0-9:]+ /, ''))).toEqual([
      '20-report | at_info said="*** info"\n',
      'error at_error config_path=/etc/system.d/20-report said="*** error"\n',
    ]);
    expect(seen).toEqual(['at_info', 's3cret info', 'at_error', 's3cret error']);
  });

  it('is logged like everything else where nobody sits before it, and where a level was asked for', () => {
    expect(taskSays({ pretty: false })).toEqual([]);
    expect(taskSays({ pretty: true, ofTasks: false })).toEqual([]);
  });
});

it('people get lines for people on a terminal only, with colours unless NO_COLOR is set', () => {
  expect(logStyle(false, {})).toEqual({ pretty: false, colour: false });
  expect(logStyle(true, {})).toEqual({ pretty: true, colour: true });
  expect(logStyle(true, { NO_COLOR: '1' })).toEqual({ pretty: true, colour: false });
  expect(logStyle(true, { NO_COLOR: '', TERM: 'dumb' })).toEqual({ pretty: true, colour: false });
});

describe('standard error', () => {
  const script = (() => {
    const directory = temporaryFolder('logger');
    buildSync({
      entryPoints: ['src/adapters/logging/json-logger.ts'],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: join(directory, 'logger.mjs'),
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    return `import { createLogger } from ${JSON.stringify(join(directory, 'logger.mjs'))};
      const logger = createLogger({ level: 'info', pretty: false, colour: false });`;
  })();

  it('has every line before the process can end', () => {
    const { stderr, signal } = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `${script}
        for (let index = 0; index < 5000; index++) logger.log('info', 'line', { index });
        process.kill(process.pid, 'SIGKILL');`,
      ],
      { encoding: 'utf8', maxBuffer: 10_000_000 },
    );
    expect(signal).toBe('SIGKILL');
    expect(stderr.trim().split('\n').length).toBe(5_000);
  });

  it('that nobody reads any more ends nothing', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `${script}
        process.stdin.once('data', () => {
          for (let index = 0; index < 5000; index++) logger.log('info', 'line', { index });
          process.exitCode = 7;
          process.stdin.destroy();
        });`,
      ],
      { stdio: ['pipe', 'ignore', 'pipe'] },
    );
    child.stderr.destroy();
    child.stdin.write('go\n');
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect(code).toBe(7);
  });
});
