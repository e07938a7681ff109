// Runs run.sh against a mail server and a web server of its own, which print what they get. They are here to be looked at:
// this mail server takes whatever it is told.

import { spawn } from 'node:child_process';
import { createServer as createWebServer } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const listening = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

const web = createWebServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  console.log(`--- to Slack\n${JSON.parse(body).text}`);
  response.end('ok');
});

const mail = createServer((socket) => {
  let message = null;
  let rest = '';
  const say = (line) => socket.write(`${line}\r\n`);
  say('220 example');
  socket.on('error', () => socket.destroy());
  socket.on('data', (bytes) => {
    const lines = (rest + bytes).split('\r\n');
    rest = lines.pop();
    for (const line of lines) {
      if (message !== null && line !== '.') message.push(line);
      else if (message !== null) {
        console.log(`--- a mail\n${message.join('\n')}`);
        message = null;
        say('250 taken');
      } else if (/^DATA/i.test(line)) {
        message = [];
        say('354 go on');
      } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
      else say('250 fine');
    }
  });
});

const env = {
  ...process.env,
  SLACK_URL: `http://127.0.0.1:${await listening(web)}/hook`,
  SMTP_URL: `smtp://127.0.0.1:${await listening(mail)}?starttls=never`,
};
const script = join(dirname(fileURLToPath(import.meta.url)), 'run.sh');
const child = spawn('sh', [script], { env, stdio: ['ignore', 'inherit', 'inherit'] });
child.on('close', (code) => {
  process.exitCode = code ?? 1;
  web.close();
  mail.close();
});
