import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { incomingContent, readUpTo } from '../../src/cli/pond/host-content.js';
import type { PondError } from '../../src/steward/errors.js';
import type { ReadTransaction } from '../../src/steward/shapes/transactions.js';
import type { Steward } from '../../src/steward/steward.js';
import { fakeProgram, fakeSteward, runMain, runOn } from './fakes.js';

const never = new AbortController().signal;
const tooLarge = (size: number): PondError => ({ _tag: 'ConfigTooLarge', path: '/x', size, limit: 10 });

async function* endless(onChunk: () => void): AsyncGenerator<Uint8Array> {
  for (;;) {
    onChunk();
    yield new Uint8Array(4);
  }
}

describe('a content on its way in', () => {
  it('is read no further than shows that it is too large', async () => {
    let chunks = 0;
    const content = incomingContent({ bytes: endless(() => (chunks += 1)), path: '-', signal: never });
    expect(await readUpTo(content, 10, tooLarge)).toEqual(E.left(tooLarge(12)));
    expect(chunks).toBe(3);
  });

  it('ends at an interrupt although nothing comes', async () => {
    const interrupt = new AbortController();
    async function* silent(): AsyncGenerator<Uint8Array> {
      await new Promise(() => interrupt.abort());
      yield new Uint8Array(1);
    }
    const content = incomingContent({ bytes: silent(), path: '-', signal: interrupt.signal });
    expect(await readUpTo(content, 10, tooLarge)).toEqual(E.left({ _tag: 'Interrupted', call: 'read' }));
  });

  it('keeps what really happened while it was read', async () => {
    async function* unreadable(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      throw { _tag: 'FileSystemError', path: '/h', code: 'EIO', call: 'read' };
    }
    const content = incomingContent({ bytes: unreadable(), path: '/h', signal: never });
    expect(await readUpTo(content, 10, tooLarge)).toEqual(
      E.left({ _tag: 'HostFileFailed', path: '/h', code: 'EIO', call: 'read' }),
    );
  });

  it('as a configuration is at most 1 MiB, and the pond is not opened for a larger one', async () => {
    const run = await runMain(
      ['mknod', 'command', '/x', '--config', '-'],
      { files: { ...fakeProgram({}).files } },
      { stdin: endless(() => undefined) },
    );
    expect(run.code).toBe(4);
    expect(run.stderr).toContain('the limit is 1048576 bytes');
  });
});

/** A steward that reads a file whose content is the given stream. */
const reading = (content: () => AsyncIterable<Uint8Array>): Partial<Steward> => ({
  read: (body) => {
    const fs = new Proxy({} as ReadTransaction['fs'], {
      get: (_target, call) => () => {
        if (call !== 'read') throw new Error(`unexpected call of ${String(call)}`);
        return TE.right(content());
      },
    });
    return body({
      txnSeq: 7,
      txnId: 'id',
      fs,
      factories: {} as ReadTransaction['factories'],
      signal: never,
      withWorkspace: (use) => use('/nowhere'),
    });
  },
});

async function* chunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('cat', () => {
  it('prints a content as it is', async () => {
    const { code, stdout } = await runOn(
      reading(() => chunks('a', 'b\u0000')),
      ['cat', '/x'],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ab\u0000' });
  });

  it('puts what is not text into JSON in base 64', async () => {
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array([0xff, 0xfe]);
    }
    const { stdout } = await runOn(reading(bytes), ['cat', '/x', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      path: '/x',
      txn_seq: 7,
      size: 2,
      encoding: 'base64',
      content: '//4=',
    });
  });

  it('that fails half way leaves one JSON document, the error', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw { _tag: 'CorruptData', path: '/x', problem: 'the digest is wrong' } satisfies PondError;
    }
    const { code, stdout } = await runOn(reading(broken), ['cat', '/x', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { tag: 'CorruptData' } });
  });

  it('stops with 130 at an interrupt', async () => {
    const { code, stdout } = await runOn(
      reading(() => chunks('a')),
      ['cat', '/x'],
      { interrupt: AbortSignal.abort() },
    );
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  });

  it('stops quietly when nobody reads any more', async () => {
    let asked = 0;
    const { main } = await import('../../src/cli/main.js');
    const code = await main(['cat', '/x'], {
      terminal: {
        stdin: chunks(),
        writeOut: async () => false,
        writeErr: (text) => {
          throw new Error(text);
        },
        outIsTerminal: false,
        errIsTerminal: false,
        workingDirectory: '/',
        environment: { POND: '/pond' },
        interrupt: never,
      },
      connect: async () =>
        fakeProgram({ open: () => TE.right(fakeSteward(reading(() => endless(() => (asked += 1))))) }),
    });
    expect(code).toBe(0);
    expect(asked).toBe(1);
  });
});
