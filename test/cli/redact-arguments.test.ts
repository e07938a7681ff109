import { describe, expect, it } from 'vitest';
import { redactArguments } from '../../src/cli/line/redact-arguments.js';

describe('arguments as they are stored', () => {
  it('show no inline configuration', () => {
    expect(redactArguments(['mknod', 'webhook', '/x', '--config', 'token: s3cret'])).toEqual([
      'mknod',
      'webhook',
      '/x',
      '--config',
      '***',
    ]);
    expect(redactArguments(['mknod', '--config=token: s3cret'])).toEqual(['mknod', '--config=***']);
  });

  it('show no credentials in URLs', () => {
    expect(redactArguments(['https://user:p%40ss@example.org/a@b', 'x=//token@host'])).toEqual([
      'https://***@example.org/a@b',
      'x=//***@host',
    ]);
  });

  it('are otherwise as they were typed', () => {
    const argv = ['copy', 'host:///tmp/a@b.csv', '/in/', '--config-path', 'a.yaml', 'me@example.org'];
    expect(redactArguments(argv)).toEqual(argv);
  });
});
