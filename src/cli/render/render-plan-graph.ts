import type { Plan, PlannedTask } from '../../domain/plans/plan.js';
import type { CommitPlan } from '../../steward/shapes/call-reports.js';

/**
 * Plans as graphs for Mermaid and Graphviz. Solid arrows are dependencies, dotted ones mere order. Stages of several
 * tasks are boxes with one arrow between them instead of one for every pair.
 */

export const renderMermaid = ({ plan }: CommitPlan): readonly string[] => [
  'flowchart LR',
  ...stagesOf(plan).flatMap(({ stage, tasks }) =>
    isBox(plan, tasks)
      ? [
          `  subgraph s${stage}["stage ${stage + 1}"]`,
          ...tasks.map((task) => `    ${mermaidNode(task)}`),
          '  end',
        ]
      : tasks.map((task) => `  ${mermaidNode(task)}`),
  ),
  ...plan.rejected.map(
    ({ path, execution_seq }) => `  t${execution_seq}["${mermaidText(path)}<br/>rejected"]:::rejected`,
  ),
  ...plan.edges.flatMap(({ from, to, reason }) => (reason === 'depends_on' ? [`  t${from} --> t${to}`] : [])),
  ...blockedEdges(plan).map(({ from, to }) => `  t${from} --x t${to}`),
  ...orderArrows(plan).map(({ from, to }) => `  ${from} -.-> ${to}`),
  ...(plan.rejected.length === 0 ? [] : ['  classDef rejected stroke:#c00']),
];

const mermaidNode = ({ execution_seq, name, factory }: PlannedTask): string =>
  `t${execution_seq}["${mermaidText(name)}<br/>${mermaidText(factory)}"]`;

const mermaidText = (text: string): string =>
  // A label that begins with a backtick would be Markdown, or an error.
  text.replace(/[&"<>#`\n]/g, (char) => `#${char.codePointAt(0)};`);

export const renderDot = ({ txnSeq, plan }: CommitPlan): readonly string[] => [
  `digraph "plan of commit ${txnSeq}" {`,
  '  rankdir=LR; compound=true; node [shape=box];',
  ...stagesOf(plan).flatMap(({ stage, tasks }) =>
    isBox(plan, tasks)
      ? [
          `  subgraph cluster_s${stage} { label="stage ${stage + 1}";`,
          ...tasks.map((task) => `    ${dotNode(task)}`),
          '  }',
        ]
      : tasks.map((task) => `  ${dotNode(task)}`),
  ),
  ...plan.rejected.map(
    ({ path, execution_seq }) => `  t${execution_seq} [label=${dotText(`${path}\nrejected`)}, color=red];`,
  ),
  ...plan.edges.flatMap(({ from, to, reason }) => (reason === 'depends_on' ? [`  t${from} -> t${to};`] : [])),
  ...blockedEdges(plan).map(({ from, to }) => `  t${from} -> t${to} [color=red];`),
  ...orderArrows(plan).map(({ fromTask, toTask, from, to }) => {
    const ends = [
      ...(from.startsWith('s') ? [`ltail=cluster_${from}`] : []),
      ...(to.startsWith('s') ? [`lhead=cluster_${to}`] : []),
    ];
    return `  t${fromTask} -> t${toTask} [${['style=dotted', ...ends].join(', ')}];`;
  }),
  '}',
];

const dotNode = ({ execution_seq, name, factory }: PlannedTask): string =>
  `t${execution_seq} [label=${dotText(`${name}\n${factory}`)}];`;

/** Graphviz reads character entities in labels, too: `&amp;` is what shows `&`. */
const dotText = (text: string): string =>
  `"${text
    .replaceAll('&', '&amp;')
    .replace(/[\\"]/g, (char) => `\\${char}`)
    .replaceAll('\n', '\\n')}"`;

interface Stage {
  readonly stage: number;
  readonly tasks: readonly PlannedTask[];
}

const stagesOf = ({ tasks }: Plan): readonly Stage[] => {
  const stages: PlannedTask[][] = [];
  for (const task of tasks) {
    const known = stages[task.stage];
    if (known === undefined) stages[task.stage] = [task];
    else known.push(task);
  }
  return stages.map((own, stage) => ({ stage, tasks: own }));
};

const isBox = ({ schedule }: Plan, tasks: readonly PlannedTask[]): boolean =>
  schedule === 'groups' && tasks.length > 1;

/** Arrows between neighbouring stages, where no dependency says the same. */
const orderArrows = (
  plan: Plan,
): readonly {
  readonly from: string;
  readonly to: string;
  readonly fromTask: number;
  readonly toTask: number;
}[] => {
  const stages = stagesOf(plan);
  const nameOf = ({ stage, tasks }: Stage): string =>
    isBox(plan, tasks) ? `s${stage}` : `t${tasks[0]?.execution_seq ?? 0}`;
  const depends = new Set(
    plan.edges.flatMap(({ from, to, reason }) => (reason === 'depends_on' ? [`t${from} t${to}`] : [])),
  );
  return stages.slice(1).flatMap((stage, index) => {
    const before = stages[index];
    if (before === undefined) return [];
    const arrow = {
      from: nameOf(before),
      to: nameOf(stage),
      fromTask: before.tasks[0]?.execution_seq ?? 0,
      toTask: stage.tasks[0]?.execution_seq ?? 0,
    };
    return depends.has(`${arrow.from} ${arrow.to}`) ? [] : [arrow];
  });
};

const blockedEdges = ({
  tasks,
  rejected,
}: Plan): readonly { readonly from: number; readonly to: number }[] => {
  const seqOf = new Map(rejected.map(({ path, execution_seq }) => [path, execution_seq]));
  return tasks.flatMap(({ execution_seq, blocked_by }) =>
    blocked_by.map((path) => ({ from: seqOf.get(path) ?? 0, to: execution_seq })),
  );
};
