/** Checksum of bytes that come in pieces: XXH64 with the seed 0, of which a frame of zstd carries the low half. */
export interface Checksum {
  readonly add: (bytes: Uint8Array) => void;
  /** Returns the low 32 bits of the checksum of all that was added. */
  readonly low32: () => number;
}

/** Bytes that are taken at once, eight for each accumulator. */
const STRIPE = 32;

export const xxh64 = (): Checksum => {
  const sums = new BigUint64Array([wrapped(P1 + P2), P2, 0n, wrapped(-P1)]);
  const halves = new Uint32Array(sums.buffer);
  const held = new Uint8Array(STRIPE);
  let heldBytes = 0;
  let length = 0;

  const addStripe = (view: DataView, at: number): void => {
    for (let lane = 0; lane < 8; lane += 2) addLane(halves, lane, view, at + lane * 4);
  };

  return {
    add: (bytes) => {
      length += bytes.length;
      let at = 0;
      if (heldBytes > 0) {
        at = Math.min(STRIPE - heldBytes, bytes.length);
        held.set(bytes.subarray(0, at), heldBytes);
        heldBytes += at;
        if (heldBytes < STRIPE) return;
        addStripe(viewOf(held), 0);
      }
      const view = viewOf(bytes);
      for (; at + STRIPE <= bytes.length; at += STRIPE) addStripe(view, at);
      held.set(bytes.subarray(at));
      heldBytes = bytes.length - at;
    },
    low32: () => {
      const all = length < STRIPE ? P5 : merged(sums);
      return Number(mixed(withRest(wrapped(all + BigInt(length)), viewOf(held), heldBytes)) & 0xffffffffn);
    },
  };
};

const P1 = 0x9e3779b185ebca87n;
const P2 = 0xc2b2ae3d27d4eb4fn;
const P3 = 0x165667b19e3779f9n;
const P4 = 0x85ebca77c2b2ae63n;
const P5 = 0x27d4eb2f165667c5n;

const wrapped = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotated = (value: bigint, bits: bigint): bigint => wrapped((value << bits) | (value >> (64n - bits)));
const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const round = (sum: bigint, input: bigint): bigint =>
  wrapped(rotated(wrapped(sum + wrapped(input * P2)), 31n) * P1);

const merged = (sums: BigUint64Array): bigint => {
  const [a = 0n, b = 0n, c = 0n, d = 0n] = sums;
  const all = rotated(a, 1n) + rotated(b, 7n) + rotated(c, 12n) + rotated(d, 18n);
  return sums.reduce((sum, each) => wrapped((sum ^ round(0n, each)) * P1 + P4), wrapped(all));
};

/** The checksum with the bytes behind the last stripe: by eight, by four, and one by one. */
const withRest = (before: bigint, rest: DataView, size: number): bigint => {
  let sum = before;
  let at = 0;
  for (; at + 8 <= size; at += 8)
    sum = wrapped(rotated(sum ^ round(0n, rest.getBigUint64(at, true)), 27n) * P1 + P4);
  for (; at + 4 <= size; at += 4)
    sum = wrapped(rotated(sum ^ wrapped(BigInt(rest.getUint32(at, true)) * P1), 23n) * P2 + P3);
  for (; at < size; at += 1) sum = wrapped(rotated(sum ^ wrapped(BigInt(rest.getUint8(at)) * P5), 11n) * P1);
  return sum;
};

const mixed = (sum: bigint): bigint => {
  const second = wrapped((sum ^ (sum >> 33n)) * P2);
  const third = wrapped((second ^ (second >> 29n)) * P3);
  return third ^ (third >> 32n);
};

/**
 * The same as {@link round} of eight bytes, in numbers of 32 bits, the low one first: almost all of the work is here, and bigints
 * would take ten times as long.
 */
const addLane = (sums: Uint32Array, lane: number, view: DataView, at: number): void => {
  times(view.getUint32(at, true), view.getUint32(at + 4, true), P2_LOW, P2_HIGH);
  const low = (sums[lane] ?? 0) + product.low;
  const high = (sums[lane + 1] ?? 0) + product.high + (low > 0xffffffff ? 1 : 0);
  // Turned by 31 bits.
  times(((low << 31) | (high >>> 1)) >>> 0, ((high << 31) | (low >>> 1)) >>> 0, P1_LOW, P1_HIGH);
  sums[lane] = product.low;
  sums[lane + 1] = product.high;
};

const [P1_HIGH, P1_LOW] = [Number(P1 >> 32n), Number(P1 & 0xffffffffn)];
const [P2_HIGH, P2_LOW] = [Number(P2 >> 32n), Number(P2 & 0xffffffffn)];

/** The last product of {@link times}. */
const product = { low: 0, high: 0 };

const times = (aLow: number, aHigh: number, bLow: number, bHigh: number): void => {
  const [a0, a1, b0, b1] = [aLow & 0xffff, aLow >>> 16, bLow & 0xffff, bLow >>> 16];
  const [p00, p01, p10] = [a0 * b0, a0 * b1, a1 * b0];
  const middle = (p00 >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  product.low = ((middle << 16) | (p00 & 0xffff)) >>> 0;
  const carried = a1 * b1 + (p01 >>> 16) + (p10 >>> 16) + (middle >>> 16);
  product.high = (carried + Math.imul(aLow, bHigh) + Math.imul(aHigh, bLow)) >>> 0;
};
