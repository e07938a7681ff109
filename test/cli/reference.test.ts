import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-index.js';
import { referenceOf } from '../../src/cli/describe-command-line.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { runMain } from './fakes.js';

const printed = async (...argv: readonly string[]) => (await runMain(argv)).stdout;

describe('completion', () => {
  /** What bash offers for the last of these words, the script being what `pond completion bash` prints. */
  const offered = async (...words: readonly string[]): Promise<readonly string[]> => {
    const script = join(temporaryFolder('completion'), 'pond.bash');
    writeFileSync(script, await printed('completion', 'bash'));
    const ask = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _pond; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const said = execFileSync('bash', ['-c', ask, 'bash', script, ...words], { encoding: 'utf8' });
    return said.split('\n').filter((line) => line !== '');
  };

  it('of bash offers commands, options of the command and of all, and values where there is a list', async () => {
    expect(await offered('pond', 'ver')).toEqual(expect.arrayContaining(['versions']));
    expect(await offered('pond', 'control', 're')).toEqual(['retry']);
    expect(await offered('pond', '--pond', '/p', 'show')).toEqual(['show-post-commit']);
    expect(await offered('pond', 'recover', '--dr')).toEqual(['--dry-run']);
    expect(await offered('pond', 'recover', '--lock')).toEqual(['--lock-timeout']);
    expect(await offered('pond', 'plan', '--format', 'm')).toEqual(['mermaid']);
    expect(await offered('pond', 'list', '--log-level', 'de')).toEqual(['debug']);
    expect(await offered('pond', 'host', '')).toEqual(expect.arrayContaining(['apply', 'recover']));
    expect(await offered('pond', 'host', 'apply', '--conc')).toEqual(['--concurrency']);
    expect(await offered('pond', 'copy', '')).toEqual([]);
  });

  it.each(['bash', 'zsh', 'fish'])(
    'of %s names every command and every option that help shows',
    async (shell) => {
      const script = await printed('completion', shell);
      const { commands, globals } = await referenceOf();
      expect(commands.length).toBeGreaterThan(COMMANDS.length);
      for (const { name } of commands) for (const word of name.split(' ')) expect(script).toContain(word);
      for (const { long } of [...globals, ...commands.flatMap(({ options }) => options)])
        if (long !== null) expect(script).toContain(long.slice(2));
    },
  );

  it('for another shell is wrong usage, with those that there are', async () => {
    expect(await runMain(['completion', 'tcsh'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('bash, zsh, fish'),
    });
    expect(await runMain(['completion'])).toMatchObject({ code: 2 });
  });
});

it('the manual page has every command, option, example and exit code', async () => {
  const page = (await printed('man')).replaceAll('\\-', '-').replaceAll('\\(dq', '"');
  const { commands, globals } = await referenceOf();
  for (const { name, options, examples } of commands) {
    expect(page).toContain(`.SS "pond ${name}`);
    for (const { flags } of options) expect(page).toContain(`.B ${flags}`);
    for (const [typed] of examples) expect(page).toContain(`pond ${typed}`.replaceAll('\\', '\\e'));
  }
  for (const { flags } of globals) expect(page).toContain(`.B ${flags}`);
  expect(page).toContain('.B 130');
  // A line of text is never taken for a request.
  for (const line of page.split('\n').filter((text) => text.startsWith('.')))
    expect(line).toMatch(/^\.(TH|SH|SS|TP|PP|B|I|nf|fi)( |$)/);
});

it('both are in the overview of help', async () => {
  const help = await printed('--help');
  expect(help).toMatch(/\n {2}completion +print completion/);
  expect(help).toMatch(/\n {2}man +print the manual page/);
});
