// `npm run layering [-- FOLDER]`: applies rules.cjs to FOLDER/src (default: this project). Also refuses a run that
// has not seen the modules: with a TypeScript that it does not know, dependency-cruiser reports "0 modules, no
// violations" and is content.

import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

const FEWEST_MODULES = 30;

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(process.argv[2] ?? join(here, '../..'));

const options = await extractDepcruiseOptions(join(here, 'rules.cjs'));
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

for (const violation of summary.violations) console.log(describe(violation));
console.log(`${ours.length} modules, ${followed.length} imports, ${summary.violations.length} violations`);

if (ours.length <= FEWEST_MODULES || followed.length === 0) {
  console.log(
    `no result: more than ${FEWEST_MODULES} modules with imports of each other should have been seen`,
  );
  process.exitCode = 1;
}
if (summary.violations.length > 0) process.exitCode = 1;
