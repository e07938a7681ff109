/*
 * Undoing snappy's compression: https://github.com/google/snappy/blob/main/format_description.txt
 * Every place is looked at before it is read or written: the bytes may come from anywhere.
 */

/** Bytes from which on the engine's own copying is faster than a loop. */
const LONG = 16;

/** Decompresses into exactly `size` bytes; throws an `Error` where the bytes become less or more, or are cut off. */
export const unsnapped = (input: Uint8Array, size: number): Uint8Array => {
  const output = new Uint8Array(size);
  let from = preambleEnd(input);
  let to = 0;
  while (from < input.length) {
    const tag = byteAt(input, from);
    from += 1;
    if ((tag & 3) === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const bytes = length - 60;
        length = littleEndian(input, from, bytes) + 1;
        from += bytes;
      }
      if (from + length > input.length || to + length > size) throw cutOff();
      if (length >= LONG) output.set(input.subarray(from, from + length), to);
      else for (let at = 0; at < length; at += 1) output[to + at] = input[from + at] ?? 0;
      from += length;
      to += length;
      continue;
    }
    const kind = tag & 3;
    const bytes = kind === 3 ? 4 : kind;
    const low = littleEndian(input, from, bytes);
    from += bytes;
    const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
    const distance = kind === 1 ? low + ((tag >>> 5) << 8) : low;
    if (distance === 0 || distance > to || to + length > size) throw cutOff();
    if (length >= LONG && distance >= length) output.copyWithin(to, to - distance, to - distance + length);
    else for (let at = 0; at < length; at += 1) output[to + at] = output[to + at - distance] ?? 0;
    to += length;
  }
  if (to !== size) throw cutOff();
  return output;
};

/** The end of the number of bytes that the input says it becomes; the page's header has said that, too. */
const preambleEnd = (input: Uint8Array): number => {
  let at = 0;
  while (at < input.length && byteAt(input, at) >= 0x80) at += 1;
  return at + 1;
};

const byteAt = (input: Uint8Array, at: number): number => {
  const byte = input[at];
  if (byte === undefined) throw cutOff();
  return byte;
};

const littleEndian = (input: Uint8Array, at: number, bytes: number): number => {
  let value = 0;
  for (let place = bytes - 1; place >= 0; place -= 1) value = value * 256 + byteAt(input, at + place);
  return value;
};

const cutOff = (): Error =>
  new Error('a compressed page that is cut off, or becomes another size than it says');
