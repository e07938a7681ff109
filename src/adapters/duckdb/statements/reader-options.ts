import type { Compression } from '../../../domain/documents/compression.js';
import { type SqlToken, sqlTokens } from '../../../domain/text/sql-tokens.js';
import type { QueryFailed, QueryRead } from '../../../ports/query-engine.js';
import { quoted } from './sql-text.js';

const COMPRESSIONS: Readonly<Record<string, Compression | 'none' | null>> = {
  gzip: 'gzip',
  zstd: 'zstd',
  brotli: 'brotli',
  none: 'none',
  uncompressed: 'none',
  auto: null,
  auto_detect: null,
  infer: null,
};

/**
 * A reader with its options but for `compression`, which is taken out: contents come to the engine without theirs, which it would find
 * out by names that its files do not have, and of what is cut off it reads the beginning as if that were all.
 */
export const readerOf = (name: string, options: string): Pick<QueryRead, 'reader' | 'compression'> => {
  const each = optionsIn(options);
  const said = each.find(({ tokens }) => tokens[0]?.value.toLowerCase() === 'compression');
  if (said === undefined || name === 'read_parquet') return { reader: { name, options }, compression: null };
  const value = said.tokens.at(-1);
  const compression = value?.kind === 'text' ? COMPRESSIONS[value.value.toLowerCase()] : undefined;
  if (compression === undefined)
    throw {
      _tag: 'QueryFailed',
      message: `${name} takes as compression one of ${Object.keys(COMPRESSIONS).map(quoted).join(', ')}`,
    } satisfies QueryFailed;
  const others = each.filter((option) => option !== said).map(({ text }) => text);
  return { reader: { name, options: others.join(',') }, compression };
};

interface Option {
  readonly text: string;
  readonly tokens: readonly SqlToken[];
}

/** Options between the commas of a call. */
const optionsIn = (text: string): readonly Option[] => {
  const found: Option[] = [];
  let depth = 0;
  let start = 0;
  let tokens: SqlToken[] = [];
  for (const token of sqlTokens(text)) {
    const sign = token.kind === 'other' ? token.value : '';
    if (sign === ',' && depth === 0) {
      found.push({ text: text.slice(start, token.start), tokens });
      [start, tokens] = [token.end, []];
      continue;
    }
    if (sign !== '' && '([{'.includes(sign)) depth += 1;
    if (sign !== '' && ')]}'.includes(sign)) depth -= 1;
    tokens.push(token);
  }
  return [...found, { text: text.slice(start), tokens }];
};
