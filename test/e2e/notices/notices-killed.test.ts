import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { builtExecutable, tempPond } from '../../support/pond-cli.js';
import { httpReceiver } from '../../support/receivers/http-receiver.js';
import { smtpReceiver } from '../../support/receivers/smtp-receiver.js';

/** Makes a commit, in a process that `killer` is given. Resolves with the signal that ended it. */
const dyingCommit = (pond: string, killer: (kill: () => void) => void): Promise<NodeJS.Signals | null> =>
  new Promise((ended) => {
    const child = spawn(process.execPath, [builtExecutable(), '--pond', pond, 'mkdir', '/a'], {
      stdio: 'ignore',
    });
    killer(() => child.kill('SIGKILL'));
    child.on('close', (_code, signal) => ended(signal));
  });

test('a process that is killed after a notice has arrived and before it is recorded sends it again, with the same id', async () => {
  const pond = await tempPond();
  onTestFinished(pond.remove);
  let kill: () => void = () => undefined;
  // The first one is read whole, and its sender is dead before an answer.
  const server = await httpReceiver((response, _request, number) =>
    number === 1 ? kill() : void response.writeHead(204).end(),
  );
  onTestFinished(server.close);
  const config = JSON.stringify({ url: server.url, format: 'raw' });
  await pond.run(['mknod', 'webhook', '/etc/system.d/20-tell', '--config', config]);
  const signal = await dyingCommit(pond.pond, (end) => {
    kill = end;
  });
  expect(signal).toBe('SIGKILL');
  await pond.run(['recover']);
  const [first, second, ...others] = server.requests();
  expect(others).toEqual([]);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  await pond.run(['recover']);
  expect(server.requests()).toHaveLength(2);
});

test('a process that is killed after its mail was taken sends it again, with the same Message-ID', async () => {
  const pond = await tempPond();
  onTestFinished(pond.remove);
  let kill: () => void = () => undefined;
  const server = await smtpReceiver({
    disabledCommands: ['STARTTLS'],
    // The server has it: whether it says so does not reach the sender any more.
    afterMail: (count) => {
      if (count === 1) kill();
      return null;
    },
  });
  onTestFinished(server.close);
  const config = JSON.stringify({
    smtp: `smtp://127.0.0.1:${server.port}?starttls=never`,
    from: 'pond@example.org',
    to: 'data@example.org',
  });
  await pond.run(['mknod', 'email', '/etc/system.d/20-mail', '--config', config]);
  await dyingCommit(pond.pond, (end) => {
    kill = end;
  });
  await pond.run(['recover']);
  const ids = server.mails().map(({ parsed }) => parsed.messageId);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});
