// To be imported into a process (`node --import`): at its end it writes its largest resident set, MB, to the file
// `POND_BENCH_PEAK_FILE`.

import { readFileSync, writeFileSync } from 'node:fs';

/** Linux counts in `ru_maxrss` what the parent had before `exec`, too; `VmHWM` is this program's alone. */
const peakKilobytes = () => {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kilobytes !== undefined) return Number(kilobytes);
  } catch (error) {
    // Another system than Linux.
    if (error.code !== 'ENOENT') throw error;
  }
  return process.resourceUsage().maxRSS;
};

process.on('exit', () => writeFileSync(process.env.POND_BENCH_PEAK_FILE, String(peakKilobytes() / 1000)));
