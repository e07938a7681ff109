import { shellWord } from '../../domain/shell-word.js';
import type { GlobalOptions } from '../global-options.js';

/** Commands in a text, as they are to be typed. */
export type InWords = (text: string) => string;

/**
 * Commands in advice name the pond again where the command line named it: typed as they stand they would be about the pond of `$POND`, or
 * about none. What stands in quotes is a word of somebody's and stays as it is.
 */
export const pondNamed = ({ pond }: Partial<Pick<GlobalOptions, 'pond'>>): InWords => {
  if (pond === undefined) return (text) => text;
  const named = `pond --pond ${shellWord(pond)} `;
  return (text) =>
    text
      .split(IN_QUOTES)
      .map((piece, index) =>
        index % 2 === 1
          ? piece
          : piece.replace(COMMAND, (whole, word: string, rest: string) =>
              ABOUT_A_POND.has(word) && !rest.includes('--help') ? `${named}${word}${rest}` : whole,
            ),
      )
      .join('');
};

const IN_QUOTES = /(?<=^|[\s=])('(?:[^']|'\\'')*')/;

/** A command, its first word, and what follows up to the next piece of advice. */
const COMMAND = /(?<![\w/.-])pond ([a-z-]+)((?:(?!\bpond [a-z])[^;\n])*)/g;

/** The first words of commands about a pond that is there. */
export const ABOUT_A_POND: ReadonlySet<string> = new Set(
  `apply cat config control copy cp describe diff fsck list log logs ls maintain mkdir mknod mv notify plan promote pull push
   rebuild-control recover remote restore-path revert rm run serve series show-post-commit sql status trace trust validate
   verify versions wait watch work worker workers`.split(/\s+/),
);
