import { isLeft } from 'fp-ts/lib/Either.js';
import { shellWord } from '../../domain/shell-word.js';
import { controlAt } from '../../steward/shared/control-address.js';
import type { GlobalOptions } from '../global-options.js';

/** Commands in a text, as they are to be typed. */
export type InWords = (text: string) => string;

/** Options that say which pond a command is about, and how it is reached. */
export type PondOptions = Partial<Pick<GlobalOptions, 'pond' | 'control' | 'endpoint' | 'region' | 'cache'>>;

/**
 * Commands in advice name the pond again, and how it is reached, where the command line did: typed as they stand they would be about the pond of `$POND`, or
 * about none. What stands in quotes is a word of somebody's and stays as it is.
 */
export const pondNamed = (given: PondOptions): InWords => {
  if (OPTIONS.every((option) => given[option] === undefined)) return (text) => text;
  return (text) =>
    text
      .split(IN_QUOTES)
      .map((piece, index) =>
        index % 2 === 1
          ? piece
          : piece.replace(COMMAND, (whole, word: string, rest: string) =>
              ABOUT_A_POND.has(word) && !rest.includes('--help')
                ? `pond ${inWords(given, OF_A_PLACE.test(word + rest))}${word}${rest}`
                : whole,
            ),
      )
      .join('');
};

const OPTIONS = ['pond', 'control', 'endpoint', 'region', 'cache'] as const;

/** Commands that have options of the same words about another store. */
const OF_A_PLACE = /^remote add\b/;

const inWords = (given: PondOptions, isOfAPlace: boolean): string =>
  OPTIONS.filter((option) => !isOfAPlace || (option !== 'endpoint' && option !== 'region'))
    .flatMap((option) => {
      const value = given[option];
      // An address that is not taken may be so because it has a password.
      const isRefused = option === 'control' && value !== undefined && isLeft(controlAt(value));
      return value === undefined || isRefused ? [] : `--${option} ${shellWord(value)} `;
    })
    .join('');

const IN_QUOTES = /(?<=^|[\s=])('(?:[^']|'\\'')*')/;

/** A command, its first word, and what follows up to the next piece of advice. */
const COMMAND = /(?<![\w/.-])pond ([a-z-]+)((?:(?!\bpond [a-z])[^;\n])*)/g;

/** The first words of commands about a pond that is there. */
export const ABOUT_A_POND: ReadonlySet<string> = new Set(
  `apply cat config control copy cp describe diff fsck list log logs ls maintain mkdir mknod mv notify plan promote pull push
   rebuild-control recover remote restore-path revert rm run serve series show-post-commit sql status trace trust validate
   verify versions wait watch work worker workers`.split(/\s+/),
);
