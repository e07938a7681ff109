import { isRight } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { keyErrors } from '../../src/domain/documents/decode-error.js';
import { exactType } from '../../src/domain/documents/exact-type.js';
import { SYSTEM_DIRECTORY } from '../../src/domain/paths/configuration-paths.js';
import { childOf, type PondPath, parsePondPath } from '../../src/domain/paths/pond-path.js';
import type { Plan, PlannedTask } from '../../src/domain/plans/plan.js';
import type { Change } from '../../src/domain/tree/change.js';
import type { EntryType } from '../../src/domain/tree/node-row.js';
import type { DiscoveredEntry } from '../../src/planner/entries/discovered-entry.js';
import { type RegistryQuestions, registryFacts } from '../../src/planner/entries/registry-facts.js';
import { DEFAULT_SCHEDULE } from '../../src/planner/entries/schedule.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import type { PlanInput } from '../../src/planner/plan-input.js';
import { NEWEST_RULES, type PlannerRules } from '../../src/planner/planner-rules.js';

export const path = (text: string): PondPath => {
  const parsed = parsePondPath(text);
  if (isRight(parsed)) return parsed.right;
  throw new Error(`${text}: ${parsed.left.problem}`);
};

const entry = (name: string, rest: Partial<DiscoveredEntry>): DiscoveredEntry => ({
  path: childOf(SYSTEM_DIRECTORY, name),
  entryType: 'file',
  nodeId: `node of ${name}`,
  nodeFactory: null,
  content: { _tag: 'NoConfiguration' },
  ...rest,
});

const bytes = (text: string): DiscoveredEntry['content'] => ({ _tag: 'Bytes', bytes: Buffer.from(text) });

export const dynamicNode = (name: string, nodeFactory: string, yaml: string): DiscoveredEntry =>
  entry(name, { entryType: 'file:dynamic', nodeFactory, content: bytes(yaml) });

export const plainFile = (name: string, text: string): DiscoveredEntry =>
  entry(name, { content: bytes(text) });

export const withoutConfiguration = (name: string, entryType: EntryType): DiscoveredEntry =>
  entry(name, { entryType });

export const unreadable = (name: string, problem: string): DiscoveredEntry =>
  entry(name, { entryType: 'symlink', nodeId: null, content: { _tag: 'Unreadable', problem } });

const NotifyConfig = exactType('Notify', {}, { url: t.string, times: t.number });

/** Four factories: `notify` and `tell`, which looks at changes, run after commits, `collect` only inside transactions, `view` does not execute. */
export const registry: RegistryQuestions = {
  facts: (factory) => {
    switch (factory) {
      case 'notify':
        return { modes: ['InTransactionWriter', 'PostCommitReader'] };
      case 'tell':
        return { modes: ['PostCommitReader'], runWhen: 'change' };
      case 'collect':
        return { modes: ['InTransactionWriter'] };
      case 'view':
        return { modes: [] };
      default:
        return null;
    }
  },
  check: (_factory, config, keyPrefix) => {
    const decoded = NotifyConfig.decode(config);
    return isRight(decoded) ? [] : keyErrors(decoded.left, keyPrefix);
  },
};

/** A change of data, which sets tasks off. */
export const DATA_CHANGE: Change = { kind: 'created', path: path('/data/new'), entryType: 'file' };

/** A planned task by its number, without anything special. */
export const plannedTask = (execution_seq: number, rest: Partial<PlannedTask> = {}): PlannedTask => ({
  batch: 0,
  blocked_by: [],
  config_path: path(`/etc/system.d/${execution_seq}`),
  depends_on: [],
  execution_seq,
  factory: 'notify',
  name: `${execution_seq}`,
  retry: null,
  stage: 0,
  timeout_ms: null,
  ...rest,
});

/** The plan of these entries for a commit of data, unless `rest` says otherwise. */
export const planOf = (
  entries: readonly DiscoveredEntry[],
  rest: Partial<PlanInput> = {},
  rules: PlannerRules = NEWEST_RULES,
): Plan =>
  planCommit(
    {
      changes: [DATA_CHANGE],
      suppressed: null,
      entries,
      schedule: { _tag: 'Right', right: DEFAULT_SCHEDULE },
      factoryModes: {},
      registry: registryFacts(entries, registry),
      ...rest,
    },
    rules,
  );
