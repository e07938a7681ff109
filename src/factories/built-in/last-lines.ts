/** The end of what a child printed, for the message of its failure. */
export interface LastLines {
  readonly add: (line: string) => void;
  readonly text: () => string;
}

/** Keeps at most `count` lines of together at most `bytes` bytes; a line that is too long by itself loses its beginning. */
export const lastLines = (count: number, bytes: number): LastLines => {
  const kept: string[] = [];
  let size = 0;
  return {
    add: (line) => {
      const end = endOf(line, bytes);
      kept.push(end);
      size += Buffer.byteLength(end) + 1;
      while (kept.length > count || (size > bytes + 1 && kept.length > 1)) {
        size -= Buffer.byteLength(kept.shift() ?? '') + 1;
      }
    },
    text: () => kept.join('\n').trim(),
  };
};

/** Cut between words, never inside one: half of a secret would not be recognised and redacted later. */
const endOf = (line: string, bytes: number): string => {
  if (Buffer.byteLength(line) <= bytes) return line;
  const tail = Buffer.from(line).subarray(-bytes).toString();
  const space = tail.search(/\s/);
  return space === -1 ? '...' : `...${tail.slice(space)}`;
};
