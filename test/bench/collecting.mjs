import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { peakMemoryOf, runNode } from './machinery/processes.mjs';

const FAKE = new URL('../../docs/examples/hydrovu/fake-hydrovu.mjs', import.meta.url).href;
const ID = '4990594334457856';
/** 20,000 minutes of five parameters, in a process of its own: this one waits for those that it measures. */
const SERVER = `
  import { fakeHydroVu, serveHydroVu } from ${JSON.stringify(FAKE)};
  const fake = fakeHydroVu();
  fake.addLocation('${ID}', 'pier');
  const begin = Date.UTC(2026, 5, 1) / 1000;
  for (const [parameter, unit] of [['1', '1'], ['2', '17'], ['4', '35'], ['12', '97'], ['33', '241']])
    fake.addReadings('${ID}', parameter, unit, Array.from({ length: 20000 }, (_, index) => [begin + 60 * index, index / 100]));
  console.log((await serveHydroVu(fake)).url);
`;

/** The memory of a run that collects 100,000 readings of HydroVu at once. */
export const benchCollecting = async ({ pond }, scratch) => {
  const server = spawn(process.execPath, ['--input-type=module', '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise((said) => server.stdout.once('data', (data) => said(String(data).trim())));
    const directory = join(scratch, 'collecting');
    const config = {
      client_id: 'me',
      client_secret: '$' + '{env:HYDRO_KEY_VALUE}',
      base_url: url,
      hydrovu_path: '/hydrovu',
      max_points_per_run: 1_000_000,
      devices: [{ name: 'pier', id: ID }],
    };
    const env = { POND: directory, HYDRO_KEY_VALUE: 'open' };
    runNode([pond, 'init'], { env });
    runNode([pond, 'mknod', 'hydrovu', '/etc/hydrovu', '--config', JSON.stringify(config)], { env });
    Object.assign(process.env, env);
    const peak = peakMemoryOf([pond, 'run', '/etc/hydrovu', 'collect']);
    const bare = peakMemoryOf([pond, 'list']);
    for (const name of Object.keys(env)) delete process.env[name];
    return [
      [
        'collecting 100,000 readings: peak memory',
        `${peak.toFixed(0)} MB`,
        '<= 150 MB',
        `20,000 rows of five parameters, in pages of two days; pond list ${bare.toFixed(0)} MB`,
      ],
    ];
  } finally {
    server.kill();
  }
};
