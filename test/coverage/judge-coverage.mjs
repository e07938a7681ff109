// How many lines of the sources are reached, and whether that is enough.

/** The lines (from 1) on which statements begin, and whether a test reached them in its own process. */
const linesOf = ({ statementMap, s }) => {
  const lines = new Map();
  for (const [id, { start }] of Object.entries(statementMap)) {
    lines.set(start.line, lines.get(start.line) === true || s[id] > 0);
  }
  return lines;
};

/**
 * `inProcess`: what vitest found, in Istanbul's form, by file, files that no test has loaded included. `byOthers`: the
 * lines that processes reached which tests started, by file. Returns `{ file, total, reached, unreached }` of each.
 */
export const coverageOf = (inProcess, byOthers) =>
  Object.entries(inProcess).map(([file, coverage]) => {
    const others = byOthers.get(file) ?? new Set();
    const lines = [...linesOf(coverage)].sort(([a], [b]) => a - b);
    const unreached = lines
      .filter(([line, isReached]) => !isReached && !others.has(line))
      .map(([line]) => line);
    return { file, total: lines.length, reached: lines.length - unreached.length, unreached };
  });

const sum = (files, key) => files.reduce((all, file) => all + file[key], 0);
const percent = (files) => {
  const total = sum(files, 'total');
  return total === 0 ? 0 : Math.floor((1000 * sum(files, 'reached')) / total) / 10;
};

/** `7-9, 12` for 7, 8, 9 and 12. */
const spans = (lines) => {
  const found = [];
  for (const line of lines) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === line - 1) last[1] = line;
    else found.push([line, line]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
};

const WORST = 15;

/** What is printed, and whether at least `threshold` percent of the lines are reached. */
export const judgeCoverage = (files, { threshold, floorOf }) => {
  const floors = Object.entries(grouped(files, floorOf)).sort();
  const worst = files
    .filter(({ unreached }) => unreached.length > 0)
    .sort((a, b) => b.unreached.length - a.unreached.length)
    .slice(0, WORST);
  const all = percent(files);
  return {
    percent: all,
    isEnough: all >= threshold,
    text: [
      ...floors.map(([floor, some]) => `${percent(some).toFixed(1).padStart(6)} %  ${floor}`),
      '',
      'most unreached lines:',
      ...worst.map(
        ({ file, unreached }) => `${String(unreached.length).padStart(6)}  ${file}: ${spans(unreached)}`,
      ),
      '',
      `${all.toFixed(1)} % of ${sum(files, 'total')} lines are reached; at least ${threshold} % must be`,
    ].join('\n'),
  };
};

/** Node 20 has no `Object.groupBy`. */
const grouped = (all, keyOf) => {
  const groups = {};
  for (const one of all) {
    groups[keyOf(one)] ??= [];
    groups[keyOf(one)].push(one);
  }
  return groups;
};
