// Downloads all objects of a bucket into a directory, and nothing around that: arguments are the bucket's address and the directory.

import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';

const [bucket, directory] = process.argv.slice(2);

const answerTo = (url) => new Promise((done, failed) => get(url, done).on('error', failed));

const download = async (key) => {
  const file = await open(join(directory, randomUUID()), 'wx');
  for await (const chunk of await answerTo(`${bucket}/${key}`)) await file.write(chunk);
  await file.sync();
  await file.close();
};

let listed = '';
for await (const chunk of await answerTo(`${bucket}?list-type=2`)) listed += chunk;
for (const [, key] of listed.matchAll(/<Key>([^<]*)<\/Key>/g)) await download(key);
