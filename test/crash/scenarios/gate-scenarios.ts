import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BuiltPonds } from '../machinery/built-ponds.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { hostFile, plainPond, prepare } from './base-ponds.js';

/** Commits that a gate is asked about. */
export interface GateScenarios {
  /** One whose gate moves rows to a quarantine. */
  readonly quarantined: Scenario;
  /** One that its gate refuses. */
  readonly refused: Scenario;
}

const RULES = `factory: validate
condition: { path_pattern: "/in/**" }
config:
  columns: [ { name: day, type: integer, unique: true }, { name: t, type: number, max: 60 } ]
  checks: [ { name: rows, metric: rowCount, mustBeGreaterThan: 1 } ]
  on_failure: { quarantine: /quarantine }
`;

export const gateScenarios = async (ponds: BuiltPonds, folder: string): Promise<GateScenarios> => {
  const host = join(folder, 'host');
  const rows = Array.from({ length: 8_000 }, (_, day) => `${day},${day % 100 === 0 ? 99 : 20.5}`);
  const good = rows.filter((row) => !row.endsWith(',99'));
  const large = await hostFile(host, 'large.csv', Buffer.from(`day,t\n${rows.join('\n')}\n`));
  const bad = await hostFile(host, 'bad.csv', Buffer.from('day,t\n1,99\n2,1\n'));
  const rules = join(host, 'rules.yaml');
  await writeFile(rules, RULES);
  const base = join(folder, 'base-gated');
  const pond = await plainPond(base);
  await prepare(pond, ['mknod', 'validate', '/etc/gate.d/10-rules', '--config-path', rules]);
  const common = { ponds, base };
  return {
    quarantined: {
      ...common,
      scratch: join(folder, 'quarantined'),
      args: ['copy', large.url, '/in/'],
      codes: [0],
      expected: {
        files: {},
        writes: { '/in/large.csv': Buffer.from(`day,t\n${good.join('\n')}\n`) },
        txnSeq: 3,
        tasks: {},
      },
    },
    refused: {
      ...common,
      scratch: join(folder, 'refused'),
      args: ['copy', bad.url, '/in/'],
      codes: [8],
      expected: { files: {}, writes: { '/in/bad.csv': bad.content }, txnSeq: 3, tasks: {} },
    },
  };
};
