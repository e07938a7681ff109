// A pond as it is after years: node test/web/large-pond.mjs DIRECTORY COMMITS FILES

import { pathToFileURL } from 'node:url';

/** The entry whose tasks complete, and the one whose tasks fail, after each of the last commits. */
const ENTRIES = {
  '/etc/system.d/10-ok': 'factory: test-executor\nconfig: { message: done }\n',
  '/etc/system.d/20-fails': 'factory: test-executor\nconfig: { message: no room, fail: true }\n',
};

/** Makes a pond of so many commits and files, a fifth of these in one directory, and one file that each commit writes again. */
export const makeLargePond = async (Steward, directory, { commits, files, withTasks }) => {
  await Steward.init(directory);
  const pond = await Steward.open(directory);
  const first = 3 + Object.keys(ENTRIES).length;
  let made = 0;
  const commit = (number) =>
    pond.write(async ({ fs }) => {
      const wanted = Math.floor((files * (number - first + 1)) / (commits - first + 1));
      for (; made < wanted; made += 1)
        await fs.write(pathOf(made), Buffer.from(`file ${made} of commit ${number}\n`));
      await fs.write('/in/readings.csv', Buffer.from(`time,value\n2026-01-01T00:00:00Z,${number}\n`));
    });
  try {
    await pond.write(async ({ fs }) => {
      await fs.mkdirAll('/flat');
      for (let at = 0; at < 100; at += 1) await fs.mkdirAll(`/in/${folder(at)}`);
    });
    for (let number = first; number <= commits - withTasks; number += 1) await commit(number);
    for (const [path, text] of Object.entries(ENTRIES))
      await pond.write(({ fs }) => fs.write(path, Buffer.from(text)));
    for (let number = commits - withTasks + 1; number <= commits; number += 1) await commit(number);
  } finally {
    await pond.close();
  }
};

const folder = (at) => `d${String(at % 100).padStart(2, '0')}`;

const pathOf = (at) => (at % 5 === 0 ? `/flat/f${at}.txt` : `/in/${folder(Math.floor(at / 7))}/f${at}.txt`);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { Steward } = await import('../../dist/promises.js');
  const [directory, commits, files] = process.argv.slice(2);
  await makeLargePond(Steward, directory, {
    commits: Number(commits),
    files: Number(files),
    withTasks: Math.ceil(Number(commits) / 10),
  });
}
