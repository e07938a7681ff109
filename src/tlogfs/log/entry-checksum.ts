import { sha256 } from '../../domain/documents/sha256.js';

/*
 * A log entry of ours carries the SHA-256 of its own text, as the last field of `commitInfo` in its first line. It is
 * looked at by who checks the pond, not at each opening: readers of Delta tables pass it over.
 */

const ENDS_WITH_CHECKSUM = /^([^\n]*),"entry_sha256":"([0-9a-f]{64})"\}\}\n/;

/** End of our entries before they had a checksum. */
const ENDS_WITH_COUNT = /^[^\n]*"action_count":\d+\}\}\n/;
const OURS = '"engineInfo":"pond-steward"';

/** Puts the checksum into the text of an entry, whose first line is `{"commitInfo":{...}}`. */
export const withChecksum = (text: string): string =>
  text.replace(/\}\}\n/, `,"entry_sha256":"${sha256(text)}"}}\n`);

/** Tells whether an entry was made by this program. */
export const isOwnEntry = (content: Uint8Array): boolean => {
  const text = Buffer.from(content).toString();
  return text.slice(0, text.indexOf('\n')).includes(OURS);
};

/** Returns why an entry is not the text that was written; null where it is, or where nothing tells. */
export const checksumProblem = (content: Uint8Array): string | null => {
  const text = Buffer.from(content).toString();
  const found = ENDS_WITH_CHECKSUM.exec(text);
  if (found === null) {
    return ENDS_WITH_COUNT.test(text) || !text.includes(OURS) ? null : 'it does not have its checksum';
  }
  const [whole, before, checksum] = found;
  return sha256(`${before}}}\n${text.slice(whole.length)}`) === checksum
    ? null
    : 'it is not what was written';
};
