// What processes reached of the bundles that they ran, from the reports that Node writes with NODE_V8_COVERAGE.

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eachMapping, TraceMap } from '@jridgewell/trace-mapping';

/** Marks what one report says was reached. V8 names ranges from the outside in: an inner one goes before an outer one. */
const reachedIn = (functions, length) => {
  const reached = new Uint8Array(length);
  const ranges = functions
    .flatMap(({ ranges }) => ranges)
    .sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  for (const { startOffset, endOffset, count } of ranges)
    reached.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  return reached;
};

/** Collects the reports of a folder for the scripts below `below`, which have a source map beside them. */
export const reachedCode = (below) => {
  /** Says by script whether any process has reached each of its characters. */
  const scripts = new Map();
  let reports = 0;

  const add = ({ url, functions }) => {
    if (!url.startsWith('file://')) return;
    const file = fileURLToPath(url);
    if (!file.startsWith(`${below}/`) || !existsSync(`${file}.map`)) return;
    const known = scripts.get(file) ?? new Uint8Array(readFileSync(file, 'latin1').length);
    const reached = reachedIn(functions, known.length);
    for (let at = 0; at < known.length; at += 1) known[at] |= reached[at];
    scripts.set(file, known);
  };

  return {
    /** Takes the reports that are complete; a process may still be writing another one. Returns how many were read so far. */
    collect: (folder) => {
      for (const name of readdirSync(folder)) {
        let report;
        try {
          report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
        } catch (error) {
          if (error instanceof SyntaxError) continue;
          throw error;
        }
        for (const script of report.result) add(script);
        rmSync(join(folder, name));
        reports += 1;
      }
      return reports;
    },
    /** The reached lines (from 1) of each source, by its path. */
    lines: () => {
      const lines = new Map();
      for (const [file, reached] of scripts) {
        const starts = [0];
        for (const { index } of readFileSync(file, 'latin1').matchAll(/\n/g)) starts.push(index + 1);
        const map = new TraceMap(readFileSync(`${file}.map`, 'utf8'));
        eachMapping(map, ({ generatedLine, generatedColumn, source, originalLine }) => {
          if (source === null || reached[starts[generatedLine - 1] + generatedColumn] !== 1) return;
          const path = resolve(dirname(file), source);
          if (!lines.has(path)) lines.set(path, new Set());
          lines.get(path).add(originalLine);
        });
      }
      return lines;
    },
  };
};
