import * as t from 'io-ts';
import { textThat } from '../documents/value-that.js';

/** Words of a configuration that stand for no value in CSV. YAML has numbers and nulls of its own, which are not what stands in a file. */
export const NullWords = t.readonlyArray(
  textThat('a word in quotes, such as "NA" or "-999"', () => true),
  'words that stand for no value, such as ["NA", "-999"]',
);

/** Words by which programs and instruments say that there is no value, as a regular expression for lower case without spaces around it. */
export const USUAL_NULLS = 'n/?a|<na>|#n/a|null|none|nil|nan|missing|\\\\n|-+|\\.|\\?|-9{2,}(\\.0+)?';

const USUAL = new RegExp(`^(?:${USUAL_NULLS})$`);

/** Tells whether programs and instruments say by a word that there is no value. */
export const isUsualNull = (word: string): boolean => USUAL.test(word.trim().toLowerCase());
