import type { PlannedTask, TracedTask } from '../shapes.js';
import { plain } from './words.js';

const WIDTH = 190;
const HEIGHT = 34;
const GAP_X = 46;
const GAP_Y = 14;

interface Node {
  readonly task: PlannedTask;
  readonly x: number;
  readonly y: number;
}

/** Places of tasks: what waits stands to the right of all that it waits for, what waits for as much below each other. */
const placesOf = (tasks: readonly PlannedTask[]): readonly Node[] => {
  const columnOf = new Map<string, number>();
  const filled = new Map<number, number>();
  // Tasks come in an order in which each stands behind what it waits for.
  return tasks.map((task) => {
    const column = Math.max(-1, ...task.depends_on.map((name) => columnOf.get(name) ?? -1)) + 1;
    const row = filled.get(column) ?? 0;
    columnOf.set(task.name, column);
    filled.set(column, row + 1);
    return { task, x: column * (WIDTH + GAP_X), y: row * (HEIGHT + GAP_Y) };
  });
};

/** The tasks of a commit as a graph whose nodes show how far they are. */
export const PlanGraph = ({
  tasks,
  traced,
}: {
  readonly tasks: readonly PlannedTask[];
  readonly traced: readonly TracedTask[];
}) => {
  if (tasks.length === 0) return <p class="quiet">It set off no tasks.</p>;
  const nodes = placesOf(tasks);
  const byName = new Map(nodes.map((node) => [node.task.name, node]));
  const states = new Map(traced.map(({ config_path, state }) => [config_path, state]));
  const width = Math.max(...nodes.map(({ x }) => x)) + WIDTH + 4;
  const height = Math.max(...nodes.map(({ y }) => y)) + HEIGHT + 4;
  const words = tasks.map(({ name, depends_on, config_path }) => {
    const waits = depends_on.length === 0 ? '' : ` after ${depends_on.join(', ')}`;
    return `${name}: ${states.get(config_path) ?? 'planned'}${waits}`;
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it by keys
    <section class="scroll" tabIndex={0} aria-label="plan">
      <svg
        class="graph"
        width={width}
        height={height}
        viewBox={`-2 -2 ${width} ${height}`}
        role="img"
        aria-label={plain(words.join('; '))}
      >
        {nodes.flatMap((to) =>
          to.task.depends_on.flatMap((name) => {
            const from = byName.get(name);
            if (from === undefined) return [];
            const [x1, y1] = [from.x + WIDTH, from.y + HEIGHT / 2];
            const [x2, y2] = [to.x, to.y + HEIGHT / 2];
            const middle = (x1 + x2) / 2;
            return [
              <path
                key={`${name} ${to.task.name}`}
                d={`M${x1} ${y1} C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`}
              />,
            ];
          }),
        )}
        {nodes.map(({ task, x, y }) => (
          <g key={task.config_path} class={`node ${states.get(task.config_path) ?? 'planned'}`}>
            <rect x={x} y={y} width={WIDTH} height={HEIGHT} rx="5" />
            <rect class="edge" x={x} y={y} width="5" height={HEIGHT} rx="2" />
            <text x={x + 14} y={y + 15}>
              {shortened(task.name, 24)}
            </text>
            <text class="quiet" x={x + 14} y={y + 28}>
              {shortened(task.factory, 28)}
            </text>
          </g>
        ))}
      </svg>
    </section>
  );
};

const shortened = (text: string, most: number): string => {
  const shown = plain(text);
  return shown.length <= most ? shown : `${shown.slice(0, most - 1)}…`;
};
