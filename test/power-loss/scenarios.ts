import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type { Program } from '../../src/cli/program.js';
import type { Machine } from './machine.js';
import { newMachine, processOn } from './machine.js';
import { type Contents, CutOff, commitOf, machineWith, opened, POND, type Protocol } from './protocols.js';

const OLD: Contents = { '/in/old': 'old', '/in/old-blob': 'b'.repeat(70_000) };
const NEW: Contents = { '/in/small': 'new', '/in/blob': 'n'.repeat(80_000) };
const BOTH: Contents = sorted({ ...OLD, ...NEW });

/** Paths as a pond lists them. */
function sorted(contents: Contents): Contents {
  return Object.fromEntries(Object.entries(contents).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const init = async (program: Program): Promise<void> => {
  const made = await program.init(POND, {})();
  if (isLeft(made)) throw new CutOff(JSON.stringify(made.left));
  if (made.right._tag === 'Unchanged') return;
  const { durability, recorded } = made.right;
  if (durability === 'unknown' || !recorded) throw new CutOff('committed, not recorded or not durable');
};

const mkdir = (path: string) => (program: Program) =>
  opened(program, (steward) => steward.write(({ fs }) => fs.mkdirAll(path as never))).then(() => undefined);

const addNode = (name: string, factory: string, config: object) => async (program: Program) => {
  await opened(program, (steward) =>
    steward.write(({ fs }) =>
      fs.createDynamicPath(
        `/etc/system.d/${name}` as never,
        'file:dynamic',
        factory,
        Buffer.from(JSON.stringify(config)),
        {},
      ),
    ),
  );
};

/** A pond with a small file and a blob. */
const pondWithFiles = async (): Promise<Machine> => {
  let machine = newMachine();
  for (const run of [init, mkdir('/in'), commitOf(OLD)]) machine = await machineWith(machine, run);
  return machine;
};

/** `pond init`. */
export const initProtocol = (): Protocol => ({ base: newMachine(), run: init, before: null, after: {} });

/** A commit of a small file and a blob, and a task. */
export const commitProtocol = async (): Promise<Protocol> => {
  const pond = await pondWithFiles();
  const base = await machineWith(pond, addNode('10-ok', 'test-executor', { message: 'fine' }));
  return { base, run: commitOf(NEW), before: OLD, after: BOTH };
};

/** A commit that merges files and makes a checkpoint. */
export const tenthCommitProtocol = async (): Promise<Protocol> => {
  let base = await pondWithFiles();
  for (let count = 0; count < 6; count += 1)
    base = await machineWith(base, commitOf({ '/in/old': `${count}` }));
  const run = commitOf(NEW);
  const after = await machineWith(base, run);
  const names = after.disk.onlooker.readDirectory(`${POND}/data/_delta_log`)();
  if (isLeft(names) || !names.right.some((name) => name.includes('checkpoint'))) {
    throw new Error('no checkpoint is made here');
  }
  return {
    base,
    run,
    before: sorted({ ...OLD, '/in/old': '5' }),
    after: sorted({ ...BOTH, '/in/old': '5' }),
  };
};

/** A commit that `host-export` publishes, after one that it has published already. */
export const exportProtocol = async (layout: 'mirror' | 'versions'): Promise<Protocol> => {
  const target = '/srv/site';
  const config = { source: '/in/*', target, strip_prefix: '/in', layout };
  const pond = await machineWith(await pondWithFiles(), addNode('10-publish', 'host-export', config));
  const again = { ...OLD, '/in/old': 'older' };
  return {
    base: await machineWith(pond, commitOf({ '/in/old': 'older' })),
    run: commitOf(NEW),
    before: again,
    after: sorted({ ...BOTH, '/in/old': 'older' }),
    andThen: ({ disk }) => {
      const folder = layout === 'mirror' ? target : `${target}/current`;
      return Object.entries({ ...BOTH, '/in/old': 'older' }).flatMap(([path, content]) => {
        const published = disk.onlooker.readFile(`${folder}/${path.slice('/in/'.length)}`)();
        return isRight(published) && Buffer.from(published.right).toString() === content
          ? []
          : [`${path} is not published as it is`];
      });
    },
  };
};

/** `pond recover` of a commit that was cut off at one of its steps; `share`: how far it had come, from 0 to 1. */
export const recoverProtocol = async (share: number): Promise<Protocol> => {
  const commit = await commitProtocol();
  const rehearsal = processOn(commit.base, Number.POSITIVE_INFINITY);
  await commit.run(rehearsal.program);
  const { machine, program } = processOn(commit.base, Math.ceil(share * rehearsal.steps()));
  await commit.run(program).catch(() => undefined);
  const base = await machineWith(machine, async () => undefined);
  const after = await processHolds(base);
  return {
    base,
    run: async (recovering) => {
      await opened(recovering, (steward) => steward.recover({}));
    },
    before: after,
    after,
  };
};

/** What a pond comes to hold when it is recovered. */
const processHolds = async (machine: Machine): Promise<Contents> => {
  const { program } = processOn(machine, Number.POSITIVE_INFINITY);
  const head = await opened(program, (steward) => steward.status());
  return head.lastTxnSeq > 4 ? BOTH : OLD;
};

/** `pond maintain --forget-before`, of a pond with old contents inside of rows and in files of their own. */
export const forgetProtocol = async (): Promise<Protocol> => {
  let base = await pondWithFiles();
  const now = sorted({ ...NEW, '/in/old': 'kept', '/in/old-blob': 'k'.repeat(66_000) });
  for (const contents of [{ '/in/old': 'older', '/in/old-blob': 'o'.repeat(67_000) }, now])
    base = await machineWith(base, commitOf(contents));
  return {
    base,
    run: async (program) => {
      const report = await opened(program, (steward) => steward.maintain({ forget: { before: 5 } }));
      if ((report.forgotten?.contents ?? 0) !== 4) throw new Error(JSON.stringify(report));
    },
    before: now,
    after: now,
  };
};
