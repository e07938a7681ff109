/** Milliseconds in words: `3 min`. */
export const duration = (milliseconds: number): string => {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 86_400 * 2) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
};

/** The last name of a path. */
export const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** A number of things: `1 row`, `2 rows`. */
export const counted = (number: number, thing: string): string =>
  `${number} ${thing}${number === 1 ? '' : 's'}`;

/** A number of times in words: `once`, `3 times`. */
export const times = (number: number): string => (number === 1 ? 'once' : `${number} times`);

/** The same of a length that grows or shrinks while it is read: in whole seconds. */
const length = (milliseconds: number): string =>
  milliseconds < 60_000 ? `${Math.floor(Math.max(0, milliseconds) / 1000)} s` : duration(milliseconds);

/** The length of time since then: `3 min`. */
export const since = (time: string): string => length(Date.now() - Date.parse(time));

export const ago = (time: string): string => `${since(time)} ago`;

/** A time to come in words: `in 5 min`. */
export const until = (time: string): string => {
  const milliseconds = Date.parse(time) - Date.now();
  return milliseconds <= 0 ? 'now' : `in ${length(milliseconds)}`;
};

export const localTime = (time: string | null): string => {
  if (time === null) return '';
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
};

export const byteSize = (bytes: number | null): string => {
  if (bytes === null) return '';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(4, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${power === 0 ? value : value.toFixed(1)} ${units[power]}`;
};

/** Text in which nothing acts on how it is shown: control and bidirectional characters are seen instead. */
export const plain = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** The same of text in lines, which stay lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

export const command = (args: readonly string[]): string =>
  args.length === 0 ? 'by the library' : plain(['pond', ...args].join(' '));

/** The same where all commands are of one pond, which need not be said each time. */
export const commandHere = (args: readonly string[]): string => {
  const end = args.indexOf('--');
  const at = args.findIndex((arg, index) => /^--pond(=|$)/.test(arg) && (end === -1 || index < end));
  if (at === -1) return command(args);
  return command(args.toSpliced(at, args[at] === '--pond' ? 2 : 1));
};

/** Text of a cell. */
export const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return plain(typeof value === 'object' ? JSON.stringify(value) : String(value));
};
