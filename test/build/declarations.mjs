// The declarations that are shipped: for each entry point one file with everything that can be reached from it, and
// beside it a report of the same and a page of the reference, which `npm test` compares with those in docs/api.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { FAULTS } from './compare-reports.mjs';
import { entryPoints } from './entry-points.mjs';
import { referenceOf } from './reference.mjs';
import { tsc } from './tsc.mjs';

const silent = { default: { logLevel: 'none' } };

/** What makes a declaration that cannot be written down by its user, or that is not what the source says. */
const messages = {
  compilerMessageReporting: { default: { logLevel: 'error' } },
  extractorMessageReporting: {
    ...silent,
    'ae-forgotten-export': { logLevel: 'error' },
    'ae-unresolved-link': { logLevel: 'error' },
  },
  tsdocMessageReporting: silent,
};

/** Each source's declarations, beside each other as the sources are: what the tool rolls up. */
const emit = (root, folder) => {
  const project = join(folder, 'tsconfig.json');
  const compilerOptions = {
    // Whether the types are right is the type check's to say.
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    noCheck: true,
    rootDir: join(root, 'src'),
    outDir: folder,
  };
  const files = Object.values(entryPoints).map((source) => join(root, source));
  const json = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files };
  writeFileSync(project, JSON.stringify(json));
  const [program, ...args] = tsc(root, '-p', project);
  const { status } = spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('the declarations could not be emitted; see above');
};

/** Where the declarations of an entry point's source are emitted. */
const emitted = (folder, source) => join(folder, `${basename(source, '.ts')}.d.ts`);

const configOf = (root, folder, outdir, reports, name) =>
  ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: emitted(folder, entryPoints[name]),
      compiler: {
        overrideTsconfig: {
          extends: join(root, 'tsconfig.json'),
          include: [],
          files: Object.values(entryPoints).map((source) => emitted(folder, source)),
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: reports,
        reportTempFolder: folder,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: join(outdir, `${name}.d.ts`) },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages,
    },
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
  });

/**
 * Writes the declarations to the folder `outdir`, the reports and the reference to the folder `reports`. Returns what is
 * wrong with them, which the file `FAULTS` beside the reports says, too.
 */
export const buildDeclarations = ({ root, outdir, reports = join(outdir, 'api') }) => {
  const folder = join(outdir, '.declarations');
  mkdirSync(folder, { recursive: true });
  mkdirSync(reports, { recursive: true });
  try {
    emit(root, folder);
    const configs = Object.keys(entryPoints).map((name) => configOf(root, folder, outdir, reports, name));
    const compilerState = CompilerState.create(configs[0], {
      additionalEntryPoints: configs.slice(1).map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
    });
    const problems = configs.flatMap((config) => problemsOf(config, compilerState));
    problems.push(...writeReference(outdir, reports));
    // A program can be built and tried whose types lack a name; the check of the reports fails.
    writeFileSync(join(reports, FAULTS), problems.map((problem) => `${problem}\n`).join(''));
    return problems;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Writes the pages of the reference; returns what has no doc comment that they could show. */
const writeReference = (outdir, reports) => {
  const { pages, undocumented } = referenceOf(
    Object.keys(entryPoints).map((name) => ({
      name,
      importedAs: name === 'index' ? 'pond-steward' : `pond-steward/${name}`,
      text: readFileSync(join(outdir, `${name}.d.ts`), 'utf8'),
    })),
  );
  for (const [name, page] of pages) writeFileSync(join(reports, name), page);
  return undocumented.map((name) => `  ${name} has no doc comment`);
};

const problemsOf = (config, compilerState) => {
  const problems = [];
  Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback: (message) => {
      message.handled = true;
      if (message.logLevel !== 'error') return;
      const { text, sourceFilePath, sourceFileLine } = message;
      problems.push(`  ${text} (${sourceFilePath ?? 'the project'}:${sourceFileLine ?? 0})`);
    },
  });
  return problems;
};
