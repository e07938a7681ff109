import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../../src/domain/documents/sha256.js';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { pondIn } from '../machinery/invariants.js';
import { ask, askJson } from './asking.js';
import { bytes, hostFile, plainPond, prepare } from './base-ponds.js';

/** The transaction from which on everything is kept. */
const KEPT = 5;

const FORGET = { args: ['maintain', '--forget-before', String(KEPT)], codes: [0] };

/** `pond maintain --forget-before` on a pond with old contents of every kind: inside of rows, and files of their own. */
export const forgetScenario = async (ponds: BuiltPonds, folder: string): Promise<Scenario> => {
  const base = join(folder, 'base-forget');
  const host = join(folder, 'host-forget');
  const pond = await plainPond(base);
  const old = await hostFile(join(host, 'old'), 'small.bin', bytes(300, 1));
  const oldBlob = await hostFile(join(host, 'old'), 'blob.bin', bytes(70_000, 2));
  await prepare(pond, ['copy', old.url, oldBlob.url, '/in/']); // 2
  const small = await hostFile(host, 'small.bin', bytes(400, 3));
  const blob = await hostFile(host, 'blob.bin', bytes(80_000, 4));
  await prepare(pond, ['copy', small.url, '/in/']); // 3
  await prepare(pond, ['copy', blob.url, '/in/']); // 4
  await prepare(pond, ['copy', old.url, '/kept']); // 5
  await prepare(pond, ['copy', small.url, '/kept']); // 6
  return {
    ponds,
    base,
    scratch: join(folder, 'forget'),
    ...FORGET,
    expected: {
      files: { '/in/small.bin': small.content, '/in/blob.bin': blob.content },
      writes: { '/kept': small.content },
      txnSeq: 6,
      tasks: {},
      mergedAway: 'may be gone',
    },
    andThen: async (place) => faultsOfNextForgetting(pondIn(place), old.content, sha256(oldBlob.content)),
  };
};

/** Repeating it gives up the rest; kept states read as before, and nothing is found wrong. */
const faultsOfNextForgetting = async (
  pond: string,
  kept: Buffer,
  forgottenBlob: string,
): Promise<readonly string[]> => {
  await askJson(pond, ...FORGET.args);
  const { forgotten } = (await askJson(pond, ...FORGET.args)) as { forgotten: Record<string, unknown> };
  const earlier = await ask(pond, 'cat', '/kept', '--at', String(KEPT));
  const gone = await ask(pond, 'cat', '/in/blob.bin', '--at', '2');
  const { ok, content_root } = (await askJson(pond, 'fsck')) as { ok: boolean; content_root: string | null };
  const blobs = readdirSync(join(pond, 'data/_blobs'), { recursive: true }).map(String);
  return [
    ...(forgotten.contents === 0 ? [] : [`there is still something to forget: ${JSON.stringify(forgotten)}`]),
    ...(earlier.out.equals(kept) ? [] : ['a kept state reads otherwise']),
    ...(gone.code === 1 && gone.err.includes('is forgotten since') ? [] : [`of old content: ${gone.err}`]),
    ...(blobs.some((name) => name.endsWith(forgottenBlob)) ? ['its blob is still there'] : []),
    ...(ok && content_root !== null ? [] : ['fsck finds something']),
  ];
};
