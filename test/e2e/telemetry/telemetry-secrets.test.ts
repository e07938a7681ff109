import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempPond } from '../../support/pond-cli.js';
import { otlpReceiver } from '../../support/receivers/otlp-receiver.js';

const SECRET = 'correct-horse-battery-staple';

/** Says its secret wherever a factory can say anything, and fails with it. */
const MODULE = `
export default {
  name: 'chatty',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: (input) => input,
  async execute({ span, log }, { token }) {
    span.set({ token, ['key ' + token]: 1 });
    span.event('sent ' + token, { header: 'Bearer ' + token });
    log.log('info', 'sent', { token, nested: { list: [token] } });
    throw new Error('refused: ' + token);
  },
};
`;

test('a value that came from the environment reaches no span, metric, log or record', async () => {
  const collector = await otlpReceiver();
  const pond = await tempPond();
  writeFileSync(join(pond.host, 'chatty.mjs'), MODULE);
  await pond.run(['config', 'set', 'factories', `[${join(pond.host, 'chatty.mjs')}]`]);
  const token = ['$', '{env:TOKEN}'].join('');
  await pond.run(['mknod', 'chatty', '/etc/system.d/10-chatty', '--config', `token: '${token}'`]);
  const shown = `run: [/bin/sh, -c, 'echo $0; exit 3', '${token}']`;
  await pond.run(['mknod', 'command', '/etc/system.d/20-shown', '--config', shown]);

  const { stdout, stderr } = await pond.run(['copy', '-', '/a', '--log-level', 'debug', '--json'], {
    expect: 3,
    input: 'x',
    env: {
      TOKEN: SECRET,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_LOGS_EXPORTER: 'otlp',
    },
  });
  const control = join(pond.pond, 'control');
  const files = readdirSync(control, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => readFileSync(join(control, name), 'latin1'));
  const sent = collector.bodies();
  await pond.remove();
  await collector.close();

  // What was said went all these ways, so the secret would have, too.
  expect(sent.filter((body) => body.includes('refused: ***')).length).toBeGreaterThan(0);
  expect(sent.some((body) => body.includes('"sent ***"'))).toBe(true);
  expect(files.some((content) => content.includes('refused: ***'))).toBe(true);
  for (const text of [...sent, ...files, stdout, stderr]) expect(text).not.toContain(SECRET);
});
