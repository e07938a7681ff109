import { describe, expect, it } from 'vitest';
import { isCodeBearing, runsWhenRead } from '../../src/trust/code-bearing.js';
import type { FactoryKinds } from '../../src/trust/factory-kinds.js';
import { plainEntry } from '../../src/trust/plain-entry.js';
import { variablesIn } from '../../src/trust/variables-in.js';
import { wouldRun } from '../../src/trust/would-run.js';

const KINDS: FactoryKinds = new Map([
  ['command', 'executable'],
  ['test-file', 'file'],
  ['test-dir', 'directory'],
]);
const node = (factory: string, config: string) => ({ factory, config: Buffer.from(config) });
const reference = (name: string) => `$\{env:${name}}`;

describe('a node is code-bearing', () => {
  it.each([
    ['of an executable factory', node('command', 'run: [ls]')],
    ['of a factory that does not come with the product', node('my-module', '{}')],
    ['that has a variable of the environment in a value', node('test-file', `content: "${reference('A')}"`)],
    ['that has one in a key', node('test-file', `"${reference('A')}": 1`)],
    ['that has one with a default', node('test-file', 'content: "$\\{env:A:-b}"'.replace('\\', ''))],
    ['that spells one by escapes of YAML', node('test-file', 'content: "\\x24{env:A}"')],
    ['that has one by an alias', node('test-file', `a: &x "${reference('A')}"\nb: *x`)],
    ['that has one in a block of text', node('test-file', `content: |\n  a\n  ${reference('A')}`)],
    ['that names an executable factory inside', node('test-dir', 'entries: [{ factory: command }]')],
    ['that names a module factory inside', node('test-dir', '{ entries: { a: { factory: theirs } } }')],
  ])('%s', (_, given) => {
    expect(isCodeBearing(given, KINDS)).toBe(true);
  });

  it.each([
    ['plain contents', node('test-file', 'content: hello')],
    ['a directory of plain contents', node('test-dir', 'entries: [{ factory: test-file }]')],
    ['what is not YAML, which its factory refuses', node('test-file', '{')],
  ])('unlike %s', (_, given) => {
    expect(isCodeBearing(given, KINDS)).toBe(false);
  });

  it('without running when it is read, where the factory is an executable of the product', () => {
    expect(runsWhenRead(node('command', 'run: [ls]'), KINDS)).toBe(false);
    expect(runsWhenRead(node('test-file', `content: "${reference('A')}"`), KINDS)).toBe(true);
    expect(runsWhenRead(node('theirs', '{}'), KINDS)).toBe(true);
  });
});

describe('a plain file', () => {
  const path = '/jobs/x' as Parameters<typeof plainEntry>[0];
  it('that names a factory is what pond run would run, and no other is', () => {
    expect(plainEntry(path, Buffer.from('factory: command\nconfig: { run: [ls] }'))?.factory).toBe('command');
    expect(plainEntry(path, Buffer.from('"fact\\u006fry": command\nconfig: { run: [ls] }'))).toBe(null);
    expect(plainEntry(path, Buffer.from('a factory of words'))).toBe(null);
    expect(plainEntry(path, Buffer.from(`factory: command\n#${' '.repeat(64 * 1024)}`))).toBe(null);
  });
});

describe('what a node would do', () => {
  it('is said with its command line, its directory, its variables and hosts, and no credentials', () => {
    const { does } = wouldRun(
      '/x',
      node(
        'command',
        `{ run: [sh, -c, "rm -r a"], cwd: /srv, env: { A: "${reference('SECRET')}", B: "https://user:pw@host:1/p?key=1" } }`,
      ),
      KINDS,
    );
    expect(does).toEqual([
      'runs sh -c "rm -r a" in /srv',
      'speaks to https://host:1',
      'reads the variable SECRET',
    ]);
  });

  it('is said of HydroVu with the host that is asked where no other is named', () => {
    const kinds: FactoryKinds = new Map([['hydrovu', 'executable']]);
    const saidOf = (config: string) => wouldRun('/x', node('hydrovu', config), kinds).does;
    expect(saidOf('hydrovu_path: /a')).toEqual(['speaks to https://www.hydrovu.com']);
    expect(saidOf('base_url: "https://fake.test/api"')).toEqual(['speaks to https://fake.test']);
  });

  it('is said of a module, of what cannot be read, and of variables that are written wrongly', () => {
    expect(wouldRun('/x', node('theirs', '{}'), KINDS).does).toEqual(['runs code of a module']);
    expect(wouldRun('/x', node('theirs', '{'), KINDS).does).toEqual(['cannot be read as YAML']);
    expect(variablesIn({ a: [`${reference('B')} ${reference('A')}`, '${env:C'] })).toEqual(['A', 'B', 'C']);
  });
});
