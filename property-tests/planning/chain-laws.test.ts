import * as fc from 'fast-check';
import {
  type Chain,
  type ChainLink,
  DEEPEST_CHAIN,
  innermostTask,
  joinChains,
  tasksInChain,
} from '../../src/domain/plans/chain.js';
import { printTaskId } from '../../src/domain/plans/task-id.js';
import { chainFacts, outOfChain } from '../../src/planner/chain-facts.js';
import { path as pondPath } from '../../test/planner/entries.js';
import { testLaw } from '../../test/planner/law.js';

/** An entry of the world: what its task does is to write to other ponds, or to add entries to them first. */
interface WorldEntry {
  readonly derived: boolean;
  readonly writesTo: readonly number[];
  /** The pond to which its task adds an entry like this one, before it writes. */
  readonly addsTo: number | null;
  /** Whether its task calls without anything in its environment. */
  readonly strips: boolean;
}

const PONDS = 6;
const somePond = fc.nat({ max: PONDS - 1 });
const someEntry = fc.record<WorldEntry>({
  derived: fc.boolean(),
  writesTo: fc.array(somePond, { minLength: 1, maxLength: 3 }),
  addsTo: fc.option(somePond, { freq: 2 }),
  strips: fc.boolean(),
});
const world = fc.record({
  ponds: fc.array(fc.array(someEntry, { minLength: 1, maxLength: 4 }), {
    minLength: PONDS,
    maxLength: PONDS,
  }),
  choices: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 50 }),
});

/** A task that is running, as the process that runs it knows it. */
interface Running {
  readonly link: ChainLink;
  readonly causedBy: Chain;
}

const chainOf = ({ link, causedBy }: Running): Chain => [...causedBy, link];

/** More than any walk through six ponds of at most four entries, and what these add, may take. */
const TOO_MANY = 20_000;

/**
 * Walks down one chain: a commit sets off entries, one of them is chosen, its task writes to a pond, and so on until a
 * commit sets off nothing. Says what must never be.
 */
const walk = (
  {
    ponds,
    choices,
  }: { readonly ponds: readonly (readonly WorldEntry[])[]; readonly choices: readonly number[] },
  decide: typeof outOfChain,
): string | null => {
  const nameOf = (pond: number) => `pond-${pond}`;
  const entries = ponds.map((own) => new Map(own.map((entry, at) => [`/etc/system.d/${at}`, entry])));
  const added = ponds.map(() => [] as { readonly path: string; readonly chain: Chain }[]);
  let count = 0;
  const choose = <A>(among: readonly A[]): A | undefined => {
    count += 1;
    return among[(choices[count % choices.length] ?? 0) % among.length];
  };
  let stack: readonly Running[] = [];
  let pond = 0;
  let chain: Chain = [];
  for (let seq = 1; seq < TOO_MANY; seq += 1) {
    const name = nameOf(pond);
    const own = new Set(tasksInChain(chain, name).map(printTaskId));
    const changedInChain = (added[pond] ?? [])
      .filter((one) => tasksInChain(one.chain, name).some((task) => own.has(printTaskId(task))))
      .map(({ path }) => path);
    const facts = chainFacts(name, { causedBy: chain, changedInChain });
    const setOff = [...(entries[pond] ?? [])].filter(
      ([path, entry]) => decide(facts, pondPath(path), entry.derived) === null,
    );
    const chosen = choose(setOff);
    if (chosen === undefined) return null;
    // Chains that meet may be deeper together; nothing is set off in these.
    if (chain.length > DEEPEST_CHAIN) return 'an entry runs in a chain that is deeper than any may be';
    const [path, entry] = chosen;
    if (changedInChain.includes(path)) return 'an entry runs in the chain that added it';
    const inside = innermostTask(chain, name);
    // Another pond, of which an entry has hidden what called it, may run one again: it could not know.
    if (
      inside !== null &&
      chain.some(({ pond_id, config_path }) => pond_id === name && config_path === path)
    ) {
      return 'an entry runs again in its chain';
    }
    // A derived commit's tasks run where those of the task run that made it, after these have ended.
    const at = stack.findLastIndex(
      ({ link }) => inside !== null && link.pond_id === name && link.task === printTaskId(inside),
    );
    const running: Running = {
      link: { pond_id: name, task: `${seq}.1`, config_path: path },
      causedBy: chain,
    };
    stack = [...(at < 0 ? stack : stack.slice(0, at)), running];
    const known = (target: number): Chain => {
      const told = entry.strips ? [] : chainOf(running);
      const around = stack.filter(({ link }) => link.pond_id === nameOf(target));
      return innermostTask(told, nameOf(target)) === null ? joinChains([...around.map(chainOf), told]) : told;
    };
    if (entry.addsTo !== null) {
      const made = `/etc/system.d/made-${seq}`;
      entries[entry.addsTo]?.set(made, { ...entry, derived: true });
      added[entry.addsTo]?.push({ path: made, chain: known(entry.addsTo) });
    }
    const target = choose(entry.writesTo) ?? 0;
    chain = known(target);
    pond = target;
  }
  return 'it does not end';
};

const everyChainEnds = (decide: typeof outOfChain) => fc.property(world, (one) => walk(one, decide) === null);

const without =
  (...tags: readonly string[]): typeof outOfChain =>
  (chain, path, envelope) => {
    const reason = outOfChain(chain, path, envelope);
    return reason !== null && tags.includes(reason._tag) ? null : reason;
  };

testLaw(
  'every chain ends, over whatever ponds and entries: no entry runs in it twice, none that it has added, and it is never too deep',
  everyChainEnds,
  outOfChain,
  {
    'entries that run again in their chain': without('InChain'),
    'entries that run in the chain that has added them': without('ChangedInChain'),
    'chains of any depth': without('ChainTooDeep', 'InChain'),
    'entries that do not say that they are derived': without('NotDerived', 'InChain', 'ChainTooDeep'),
  },
);
