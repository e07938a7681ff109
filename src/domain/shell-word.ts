import { printable } from './text/printable.js';

/**
 * A text as one word of a shell's, for a command that somebody copies: as it is where nothing in it is special, in quotes
 * otherwise, and with escapes (`$'a\nb'`, as bash, zsh and POSIX since 2024 read them) where a terminal would act upon it.
 */
export const shellWord = (text: string): string => {
  if (/^[\w@%+:,./][\w@%+=:,./-]*$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    // In two digits these would be bytes.
    .replace(/[\u0080-\u009f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  return `$'${printable(escaped)}'`;
};

/** The same of a text that a shell would take as a pattern. */
export const quotedShellWord = (text: string): string => {
  const word = shellWord(text);
  return word === text ? `'${text}'` : word;
};
