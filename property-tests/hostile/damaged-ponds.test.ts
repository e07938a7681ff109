import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect } from 'vitest';
import { Steward } from '../../src/index.js';
import { severityOf } from '../../src/steward/shapes/finding.js';
import { makeSamplePond, must } from '../../test/fsck/sample-pond.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';

/**
 * Planted faults that the first law caught when it was written: data files checked without the digest that the log
 * keeps of them; log entries read without their checksum.
 */

let folder = '';
let sample = '';
let active: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-damaged-'));
  sample = join(folder, 'sample');
  await makeSamplePond(sample);
  // Merged-away files are not part of the pond any more.
  await must(Steward.using(sample, (steward) => steward.maintain({ retentionMs: 0 })));
  active = filesIn('data').filter((name) => !/checkpoint/.test(name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const filesIn = (part: string): readonly string[] =>
  readdirSync(join(sample, part), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(sample.length + 1))
    .filter((name) => statSync(join(sample, name)).size > 0)
    .sort();

/** A copy of the sample with one file changed, and what is found in it. */
const checkedWith = async (name: string, change: (content: Buffer) => Buffer) => {
  const pond = join(folder, 'damaged');
  rmSync(pond, { recursive: true, force: true });
  cpSync(sample, pond, { recursive: true });
  writeFileSync(join(pond, name), change(readFileSync(join(pond, name))));
  return must(Steward.fsck(pond));
};

const pick = (names: readonly string[], at: number): string => names[at % names.length] ?? '';

const flipped =
  (at: number, bits: number) =>
  (content: Buffer): Buffer => {
    const copy = Buffer.from(content);
    copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ bits;
    return copy;
  };

prop([fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })], times(60))(
  'one changed byte in a data file, a blob or a log entry is found',
  async (file, at, bits) => {
    const name = pick(active, file);
    const { findings } = await checkedWith(name, flipped(at, bits));
    expect(findings.filter((finding) => severityOf(finding) === 'error').length, name).toBeGreaterThan(0);
  },
);

prop(
  [fc.nat(), fc.nat(), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }), fc.boolean()],
  times(60),
)('whatever the bytes of any file are, the check ends with a report', async (file, at, bytes, isCut) => {
  const name = pick(
    filesIn('.').filter((each) => !each.endsWith('.lock')),
    file,
  );
  const report = await checkedWith(name, (content) => {
    const start = at % content.length;
    const rest = isCut ? Buffer.alloc(0) : content.subarray(start + bytes.length);
    return Buffer.concat([content.subarray(0, start), Buffer.from(bytes), rest]);
  });
  expect(report.ok).toBe(report.findings.every((finding) => severityOf(finding) === 'note'));
});
