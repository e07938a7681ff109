import * as E from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-index.js';
import { readGlobalOptions } from '../../src/cli/global-options.js';
import { commandCalled, OTHER_NAMES } from '../../src/cli/line/other-names.js';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';
import { runMain } from './fakes.js';

const parsed = async (...argv: string[]) => {
  const request = await parseCommandLine(argv);
  if (E.isLeft(request) || request.right._tag === 'Help') throw new Error(JSON.stringify(request));
  return { ...request.right, options: readGlobalOptions(request.right.given) };
};

describe('the command line', () => {
  it('takes global options before and after the name of the command', async () => {
    for (const argv of [
      ['--pond', '/p', '--lock-timeout', '2s', '--json', 'list', '/in'],
      ['list', '/in', '--json', '--lock-timeout=2s', '--pond=/p'],
    ]) {
      const { options, given } = await parsed(...argv);
      expect(options).toMatchObject({ pond: '/p', json: true, lockTimeoutMs: 2000, logLevel: null });
      expect(given.operands).toEqual(['/in']);
    }
  });

  it('reads waiting times as durations, as numbers of seconds, and as not at all', async () => {
    const waits = async (text: string) => (await parsed('list', '--task-wait', text)).options.taskWaitMs;
    expect(await waits('500ms')).toBe(500);
    expect(await waits('2m')).toBe(120_000);
    expect(await waits('1.5')).toBe(1500);
    expect(await waits('0')).toBe(0);
    expect(await waits('0s')).toBe(0);
  });

  it('takes modules with factories from a repeated option and from between commas', async () => {
    const { options } = await parsed('list', '--factories', './a.js,b', '--factories', './c.js');
    expect(options.factories).toEqual(['./a.js', 'b', './c.js']);
  });

  it("keeps recover's --post-commit and the global --no-post-commit apart", async () => {
    const tasksOnly = await parsed('recover', '--post-commit');
    expect(tasksOnly.options.postCommit).toBe('run');
    expect(tasksOnly.given.flag('postCommit')).toBe(true);
    const plain = await parsed('recover');
    expect(plain.options.postCommit).toBe('run');
    expect(plain.given.flag('postCommit')).toBe(false);
    expect((await parsed('mkdir', '/a', '--no-post-commit')).options.postCommit).toBe('suppress');
  });

  it('finds commands of two words, through an alias too, and leaves their operands', async () => {
    expect((await parsed('log', '--json', 'retry', '42.1')).given.operands).toEqual(['42.1']);
    expect((await parsed('control', 'retry', '7')).given.operands).toEqual(['7']);
  });

  it('hands what follows -- to the command as it is', async () => {
    const { given, options } = await parsed('run', '/jobs/import', '--', '--json', '-x');
    expect(given.operands).toEqual(['/jobs/import', '--json', '-x']);
    expect(options.json).toBe(false);
  });

  it('of a command that hands words on says how options among them are written', async () => {
    const { code, stderr } = await runMain(['run', '/etc/hydrovu.d/noyo', 'archive', '--device', 'pier']);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /unknown option '--device'\n {2}try: pond run \[options\] PATH \[-- ARGUMENTS...\]: .* after --/,
    );
  });

  it.each([
    [['lst'], /unknown command 'lst' \(did you mean list\?\)/],
    [['query', 'SELECT 1'], /unknown command 'query' \(did you mean sql\?\)/],
    [['retry', '42'], /unknown command 'retry' \(did you mean control retry\?\)/],
    [['commit'], /unknown command 'commit': each command that changes something commits it/],
    [['version'], /unknown command 'version'/],
    [['notify'], /'notify' is the beginning of a command: notify test$/m],
    [['frobnicate'], /unknown command 'frobnicate'$/m],
    [[], /no command was given/],
    [['--modules', 'x.mjs', 'list'], /unknown option '--modules'; options of a command stand after its name/],
    [['--jsn', 'list'], /unknown option '--jsn'/],
    [['--bogus=1'], /unknown option '--bogus'/],
    [['list', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['list', 'a', 'b'], /too many arguments/],
    [['cat'], /missing required argument 'path'/],
    [['cat', '/x', '--format', 'xml'], /Allowed choices are raw, table, json, csv/],
    [['list', '--lock-timeout', 'soon'], /'soon' is invalid. Expected a duration/],
    [['worker', '--queues', ''], /Expected at least one name/],
    [['worker', '--queues', ','], /Expected at least one name/],
    [['list', '--at', '0'], /Expected a number such as 42, latest, a day/],
  ])('refuses %j with exit code 2, in words and as one JSON document', async (argv, message) => {
    const inWords = await runMain(argv);
    expect(inWords).toMatchObject({ code: 2, stdout: '' });
    expect(inWords.stderr).toMatch(message);
    expect(inWords.stderr).toMatch(/^ {2}try: pond/m);
    const asJson = await runMain([...argv, '--json']);
    expect(asJson.code).toBe(2);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      error: { tag: 'Usage', message: expect.stringMatching(message) },
    });
  });

  it.each(COMMANDS.map(({ name }) => name))(
    'pond %s --help shows the command with examples',
    async (name) => {
      const { code, stdout } = await runMain([...name.split(' '), '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain(`Usage: pond ${name} `);
      expect(stdout).toMatch(/\nExamples:\n {2}pond .+ {2}# .+/);
      expect(stdout).toContain('\nOptions of every command, among them --pond DIR');
      expect(await runMain(['help', ...name.split(' ')])).toMatchObject({ code: 0, stdout });
    },
  );

  it('shows options of every command once, in the overview, and those of a command with it', async () => {
    const { stdout: ofCommand } = await runMain(['list', '--help']);
    const { stdout: ofAll } = await runMain(['--help']);
    const optionsIn = (text: string) =>
      [...text.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, option]) => option);
    expect(optionsIn(ofCommand)).toContain('--at');
    expect(optionsIn(ofAll)).toContain('--pond');
    expect(optionsIn(ofAll).filter((option) => optionsIn(ofCommand).includes(option))).toEqual([]);
  });

  it.each(Object.entries(OTHER_NAMES))(
    'knows %s by other names, none of which is a command',
    (name, words) => {
      expect(COMMANDS.map((command) => command.name)).toContain(name);
      for (const word of words.split(' ')) {
        expect(commandCalled(word)).toBe(name);
        expect(COMMANDS.filter((command) => command.name.split(' ')[0] === word)).toEqual([]);
      }
    },
  );

  it('lists all commands in its overview', async () => {
    const { stdout } = await runMain(['--help']);
    for (const { name, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`  ${name} +${summary}`));
  });

  it('says its version, also as JSON', async () => {
    expect(await runMain(['--version'])).toEqual({ code: 0, stdout: 'dev\n', stderr: '' });
    expect(JSON.parse((await runMain(['--json', '--version'])).stdout)).toEqual({ version: 'dev' });
  });

  it('needs a pond to be named', async () => {
    const { code, stderr } = await runMain(['list'], {}, { environment: {} });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'pond: no pond was named\n  try: set $POND to the directory of your pond, or give --pond DIR\n',
    );
  });
});
