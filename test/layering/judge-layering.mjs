// Applies rules.cjs to the sources of a project. Refuses to judge what it has not seen: with a TypeScript that it does not
// know, dependency-cruiser reports "0 modules, no violations" and is content.

import { join } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const FEWEST_MODULES = 30;

/** Looks at `root/src`; `text` has one violation to a line, and at its end how much was seen. */
export const judgeLayering = async (root) => {
  const options = await extractDepcruiseOptions(join(import.meta.dirname, 'rules.cjs'));
  const tsConfig = extractTSConfig(join(root, 'tsconfig.json'));
  const { output } = await cruise(['src'], { ...options, baseDir: root }, undefined, { tsConfig });
  const { modules, summary } = output;

  const ours = modules.filter(({ source }) => source.startsWith('src/'));
  const followed = ours
    .flatMap(({ dependencies }) => dependencies)
    .filter(({ resolved }) => resolved.startsWith('src/'));

  const describe = ({ rule, from, to, cycle }) => {
    const path = cycle === undefined ? [from, to] : [from, ...cycle.map(({ name }) => name)];
    const comment = summary.ruleSetUsed.forbidden.find(({ name }) => name === rule.name)?.comment;
    return `${rule.name}: ${path.join(' -> ')}\n    ${comment}`;
  };

  const wasSeen = ours.length > FEWEST_MODULES && followed.length > 0;
  const lines = [
    ...summary.violations.map(describe),
    `${ours.length} modules, ${followed.length} imports, ${summary.violations.length} violations`,
    ...(wasSeen
      ? []
      : [`no result: more than ${FEWEST_MODULES} modules with imports of each other should have been seen`]),
  ];
  return { text: lines.join('\n'), isSound: wasSeen && summary.violations.length === 0 };
};
