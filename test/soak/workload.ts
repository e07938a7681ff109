import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SeededRandom } from './seeded-random.js';

/** Files of a pond and their contents, by path: what a pond is compared with. */
export type Model = ReadonlyMap<string, Buffer>;

/** A command that is killed somewhere, and what it does when it lands. */
export interface Command {
  /** What kind it is: commands of one kind take about as long. */
  readonly kind: string;
  readonly args: readonly string[];
  readonly input?: Buffer;
  /** The model after it; the same one where it changes no file. */
  readonly after: Model;
}

/** What a command is chosen by. */
export interface Situation {
  /** The folder with the pond. */
  readonly folder: string;
  readonly random: SeededRandom;
  /** How many commands there were before. */
  readonly round: number;
  readonly model: Model;
  /** Tasks that can be retried. */
  readonly failedTasks: readonly string[];
}

const LARGE = 64 * 1024;

/** Kinds of commands, and how many of a hundred are of each. */
const KINDS: readonly (readonly [number, (situation: Situation) => Command])[] = [
  [22, (situation) => copy(situation, 'copy small', 1 + situation.random.below(3_000))],
  [14, (situation) => copy(situation, 'copy large', LARGE + situation.random.below(LARGE))],
  [8, copySeveral],
  [10, move],
  [8, remove],
  [7, makeNode],
  [8, retry],
  [3, () => ({ kind: 'plan', args: ['plan', '--json'], after: NOTHING })],
  [3, () => ({ kind: 'list', args: ['list', '-l'], after: NOTHING })],
  [17, hostApply],
];
const NOTHING: Model = new Map();

/** The next command. */
export const chooseCommand = (situation: Situation): Command => {
  let left = situation.random.below(100);
  for (const [share, make] of KINDS) {
    if (left < share) {
      const command = make(situation);
      return command.after === NOTHING ? { ...command, after: situation.model } : command;
    }
    left -= share;
  }
  return copy(situation, 'copy small', 10);
};

const directory = (random: SeededRandom): string => `/d${random.below(4)}`;

/** Bytes that look like nothing else. */
const contentFor = ({ round }: Situation, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1)
    bytes[index] = (index * 31 + round * 17 + (index >> 8)) & 255;
  bytes.write(`${round}:${length}`);
  return bytes;
};

function copy(situation: Situation, kind: string, length: number): Command {
  const path = `${directory(situation.random)}/f${situation.random.below(8)}`;
  const content = contentFor(situation, length);
  return {
    kind,
    args: ['copy', '-', path],
    input: content,
    after: new Map(situation.model).set(path, content),
  };
}

function copySeveral(situation: Situation): Command {
  const into = directory(situation.random);
  const from = join(situation.folder, 'host');
  mkdirSync(from, { recursive: true });
  const after = new Map(situation.model);
  const sources = ['s0', 's1', 's2'].map((name, index) => {
    const content = contentFor(situation, index === 1 ? LARGE + 1_000 : 100 * (index + 1));
    writeFileSync(join(from, name), content);
    after.set(`${into}/${name}`, content);
    return `host://${from}/${name}`;
  });
  return { kind: 'copy several', args: ['copy', ...sources, `${into}/`], after };
}

function move(situation: Situation): Command {
  const { model, random, round } = situation;
  const [from, content] = someFile(situation) ?? [];
  if (from === undefined || content === undefined) return copy(situation, 'copy small', 20);
  const to = `${directory(random)}/moved-${round}`;
  const after = new Map(model).set(to, content);
  after.delete(from);
  return { kind: 'mv', args: ['mv', from, to], after };
}

function remove(situation: Situation): Command {
  const [path] = someFile(situation) ?? [];
  if (path === undefined) return copy(situation, 'copy small', 20);
  const after = new Map(situation.model);
  after.delete(path);
  return { kind: 'rm', args: ['rm', path], after };
}

const someFile = ({ model, random }: Situation): readonly [string, Buffer] | undefined =>
  [...model][random.below(Math.max(1, model.size))];

function makeNode({ random, round, model }: Situation): Command {
  const config = JSON.stringify({ content: `made in round ${round}` });
  const path = `/nodes/n${random.below(3)}`;
  return {
    kind: 'mknod',
    args: ['mknod', 'test-file', path, '--config', config, '--overwrite'],
    after: model,
  };
}

function retry(situation: Situation): Command {
  const { failedTasks, random, model } = situation;
  const task = failedTasks[random.below(Math.max(1, failedTasks.length))];
  return task === undefined
    ? copy(situation, 'copy small', 30)
    : { kind: 'retry', args: ['control', 'retry', task], after: model };
}

/** A plan over a tree of the host's beside the pond, with something of each kind in it. */
function hostApply({ folder, round, random, model }: Situation): Command {
  const tree = join(folder, 'tree');
  const site = `${tree}/v${round}`;
  const operations = [
    { id: 'site', kind: 'DirCreate', path: site },
    { id: 'page', kind: 'FileWrite', path: `${site}/page`, content: `page ${round}` },
    { id: 'copy', kind: 'FileCopy', source: `${tree}/asset`, dest: `${site}/asset` },
    { id: 'note', kind: 'FileWrite', path: `${tree}/note`, content: `note ${round}`, replace: true },
    {
      id: 'flip',
      kind: 'LinkCreate',
      source: site,
      target: `${tree}/current`,
      mode: 'relative',
      replace: true,
    },
    ...(random.chance(0.5)
      ? [{ id: 'gone', kind: 'FileBackup', source: `${tree}/asset`, backup: `${site}/backup` }]
      : []),
  ];
  const plan = join(folder, 'plan.json');
  writeFileSync(plan, JSON.stringify({ operations }));
  return { kind: 'host apply', args: ['host', 'apply', plan], after: model };
}
