import { readFileSync } from 'node:fs';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { describeElsewhere } from '../../src/domain/describe-elsewhere.js';
import { hostPlansIn } from '../../src/host-plans/host-plans.js';
import { encodeRecord, type JournalRecord } from '../../src/host-plans/journal/checkpoint-record.js';
import { memoryWorld, NEVER, planOf, ROOT, STATE, type World } from './machinery/memory-world.js';
import { buildTree, everyOperation } from './machinery/scenario.js';

const ID = '0190-000000000077';
const OLD_JOURNAL = readFileSync(new URL('./journal-0.1.0.txt', import.meta.url), 'utf8');

/** A world in which a process of Ann's died when all was done and nothing was said of it. */
let lastCall = 120;
const interrupted = async () => {
  for (let at = lastCall; at > 0; at -= 1) {
    lastCall = at;
    const world = memoryWorld(buildTree);
    const before = world.tree();
    const { plans, ports } = world.process({ at, what: 'die-before' });
    await plans
      .execute(planOf(everyOperation(ROOT)), { concurrency: 1, signal: NEVER })()
      .catch(() => undefined);
    if (ports.isDead() && !journalOf(world).text.includes('"executed"')) return { world, before };
  }
  throw new Error('no process died');
};

const journalOf = ({ memory }: World) => {
  const names = memory.onlooker.readDirectory(STATE)();
  const name = isLeft(names) ? undefined : names.right.find((one) => one.endsWith('.journal'));
  if (name === undefined) return { path: '', id: '', text: '' };
  const path = `${STATE}/${name}`;
  const bytes = memory.onlooker.readFile(path)();
  if (isLeft(bytes)) throw new Error(bytes.left.code);
  return { path, id: name.slice(0, -'.journal'.length), text: Buffer.from(bytes.right).toString() };
};

const rewrite = ({ memory }: World, path: string, text: string): void => {
  memory.onlooker.remove(path)();
  memory.onlooker.writeNewFile(path, Buffer.from(text))();
};

/** The journal that version 0.1.0 wrote of the same plan, for what is there. */
const asOldVersion = (world: World, id: string): string => {
  const lines = OLD_JOURNAL.trimEnd().split('\n');
  const records = lines.map((line): JournalRecord => JSON.parse(line.slice(17).replaceAll(ID, id)));
  const here = records.map((record): JournalRecord => {
    if (record.record !== 'made') return record;
    const stat = world.memory.onlooker.lstat(record.path)();
    if (isLeft(stat)) throw new Error(record.path);
    return { ...record, device: String(stat.right.device), inode: String(stat.right.inode) };
  });
  return Buffer.concat(here.map((record) => encodeRecord(record))).toString();
};

const adopting = async (world: World, user?: string) => {
  const { plans } = world.process(null, user);
  return plans.recover({ again: true, adopt: shownOf(plans) })();
};

const shownOf = (plans: ReturnType<World['process']>['plans']) => {
  const [summary] = isLeft(plans.list()) ? [] : Object(plans.list()).right;
  return { id: summary.id, digest: summary.digest };
};

/** Adopts in a process that dies at so many-th call; false: it does not live for so long. */
const adoptingAndDying = async (world: World, user: string, at: number): Promise<boolean> => {
  const adopt = shownOf(world.process(null, user).plans);
  const { plans, ports } = world.process({ at, what: 'die-before' }, user);
  await plans
    .recover({ again: true, adopt })()
    .catch(() => undefined);
  return ports.isDead();
};

describe('a journal that another user left', () => {
  test('is named, is not acted on, and is left where it is', async () => {
    const { world } = await interrupted();
    const [tree, journal] = [world.tree(), journalOf(world)];
    const { plans } = world.process(null, 'root');
    expect(await plans.recover({ again: true })()).toMatchObject({
      right: [{ outcome: 'made_elsewhere', failures: [{ error: { why: 'another-author' } }] }],
    });
    expect(world.tree()).toEqual(tree);
    expect(journalOf(world)).toEqual(journal);
    expect(plans.list()).toMatchObject({ right: [{ state: 'made_elsewhere' }] });
  });

  test('is shown path by path before it is adopted, and then brings back the old tree', async () => {
    const { world, before } = await interrupted();
    const { plans } = world.process(null, 'root');
    const listed = plans.list();
    expect(listed).toMatchObject({
      right: [
        {
          effects: expect.arrayContaining([
            { effect: 'put back', path: `${ROOT}/conf` },
            { effect: 'put back', path: `${ROOT}/gone` },
            { effect: 'remove', path: `${ROOT}/new` },
          ]),
        },
      ],
    });
    expect(await adopting(world, 'root')).toMatchObject({ right: [{ outcome: 'rolled_back' }] });
    expect(world.tree()).toEqual(before);
  });

  test('whose adoption was interrupted says so, and is adopted again', async () => {
    const whys = new Set<string>();
    for (let at = 1; ; at += 3) {
      const { world, before } = await interrupted();
      if (!(await adoptingAndDying(world, 'root', at))) break;
      const [left] = Object(await world.process(null, 'root').plans.recover({ again: true })()).right;
      expect(left).toMatchObject({ outcome: 'made_elsewhere' });
      whys.add(left.failures[0].error.why);
      expect(await adopting(world, 'root')).toMatchObject({ right: [{ outcome: 'rolled_back' }] });
      expect(world.tree()).toEqual(before);
    }
    expect([...whys].toSorted()).toEqual(['another-author', 'unsigned-end']);
    expect(describeElsewhere('unsigned-end')).toContain('its adoption (--adopt) was interrupted');
  });

  test('is not adopted once it is another one than was shown', async () => {
    const { world } = await interrupted();
    const { plans } = world.process(null, 'root');
    const { id } = journalOf(world);
    expect(await plans.recover({ again: true, adopt: { id, digest: 'of another' } })()).toMatchObject({
      right: [{ outcome: 'made_elsewhere' }],
    });
  });

  test('can be forgotten, which touches nothing else', async () => {
    const { world } = await interrupted();
    const tree = world.tree();
    const { plans } = world.process(null, 'root');
    expect(plans.discard(journalOf(world).id)).toMatchObject({ right: true });
    expect(plans.list()).toMatchObject({ right: [] });
    expect(world.tree()).toEqual(tree);
  });
});

describe('a journal of version 0.1.0', () => {
  test('says nothing of who made it, so it is recovered when it is adopted, and not before', async () => {
    const { world, before } = await interrupted();
    const { id, path } = journalOf(world);
    rewrite(world, path, asOldVersion(world, id));
    const tree = world.tree();
    expect(await world.process().plans.recover({ again: true })()).toMatchObject({
      right: [{ outcome: 'made_elsewhere', failures: [{ error: { why: 'unsigned' } }] }],
    });
    expect(world.tree()).toEqual(tree);
    expect(await adopting(world)).toMatchObject({ right: [{ outcome: 'rolled_back', failures: [] }] });
    expect(world.tree()).toEqual(before);
  });
});

describe('a journal that somebody has changed', () => {
  const tampered: readonly (readonly [string, (lines: string[]) => string[]])[] = [
    ['with a line left out', (lines) => lines.filter((_, at) => at !== 2)],
    [
      'with lines exchanged',
      ([plan = '', one = '', ...rest]) => [plan, ...rest.slice(0, 1), one, ...rest.slice(1)],
    ],
    [
      'with a record of its own, under a checksum that is right',
      (lines) => [
        ...lines,
        Buffer.from(encodeRecord({ record: 'executed' }))
          .toString()
          .trimEnd(),
      ],
    ],
  ];
  test.each(tampered)('%s is not acted on', async (_, change) => {
    const { world } = await interrupted();
    const { path, text } = journalOf(world);
    const tree = world.tree();
    rewrite(world, path, `${change(text.trimEnd().split('\n')).join('\n')}\n`);
    expect(await world.process().plans.recover({ again: true })()).toMatchObject({
      right: [{ outcome: 'made_elsewhere' }],
    });
    expect(world.tree()).toEqual(tree);
  });

  test.each([
    ['a tree that is nobody’s staging place', '/victim', '/home/.pond-host-plan-x/1.preserved'],
    ['the staging place of another plan', '/tree/a', '/tree/.pond-host-plan-y/1.preserved'],
    ['a staging place where plans make none', '/tree/a', '/elsewhere/.pond-host-plan-x/1.preserved'],
    ['another name in a staging place', '/tree/a', '/tree/.pond-host-plan-x/1.preserved/../../conf'],
  ])('and names %s is not even adopted', async (_, path, preserved) => {
    const world = memoryWorld(buildTree);
    const step = { step: 'TakeAway', path, preserved, expected: 'directory' } as const;
    const records: readonly JournalRecord[] = [
      { record: 'plan', format: 1, checksum: '', operations: 1, started_at: 1, pid: 1 },
      { record: 'intents', operations: [{ id: 'a', kind: 'DirRemoveAll', steps: [step] }] },
      { record: 'executed' },
    ];
    const journal = Buffer.concat(records.map((record) => encodeRecord(record))).toString();
    rewrite(world, `${STATE}/x.journal`, journal);
    const tree = world.tree();
    expect(await adopting(world)).toMatchObject({ right: [{ outcome: 'unreadable' }] });
    expect(world.tree()).toEqual(tree);
  });
});

test('the copy of a directory with a journal does not act on what the original names', async () => {
  const { world } = await interrupted();
  const { path, id, text } = journalOf(world);
  const { onlooker } = world.memory;
  onlooker.makeDirectories('/copy')();
  onlooker.writeNewFile(`/copy/${id}.journal`, Buffer.from(text))();
  const tree = world.tree();
  const { ports, author } = world.process();
  const copy = hostPlansIn({ ...author, ...ports }, '/copy');
  expect(await copy.recover({ again: true })()).toMatchObject({
    right: [{ outcome: 'made_elsewhere', failures: [{ error: { why: 'another-place' } }] }],
  });
  expect(world.tree()).toEqual(tree);
  // The original's is still good.
  expect(journalOf(world).path).toBe(path);
  expect(await world.process().plans.recover({ again: true })()).toMatchObject({
    right: [{ outcome: 'rolled_back' }],
  });
});
