// The executable, built for tests, on a machine whose clock somebody sets: `POND_TEST_CLOCK` is a list of
// milliseconds by which it is wrong (`3600000,-3600000`); it jumps from one to the next at every so many looks at it
// (`POND_TEST_CLOCK_LOOKS`), and starts over at the end of the list. Everything else is the product, and so are the
// libraries in it that ask for the time by themselves.

const offsets = (process.env.POND_TEST_CLOCK ?? '0').split(',').map(Number);
const looksAtEach = Number(process.env.POND_TEST_CLOCK_LOOKS ?? 5);
const RealDate = Date;
let looks = 0;

const now = (): number => {
  const offset = offsets[Math.floor(looks / looksAtEach) % offsets.length] ?? 0;
  looks += 1;
  return RealDate.now() + offset;
};

class JumpingDate extends RealDate {
  constructor(...given: [] | [number | string | Date]) {
    super(given.length === 0 ? now() : given[0]);
  }
  static override now = now;
}
Object.defineProperty(globalThis, 'Date', { value: JumpingDate, writable: true, configurable: true });

// Loaded only now: what remembers `Date` on import remembers this one.
const { runExecutable } = await import('../../../src/run-executable.js');
await runExecutable(async (logging) => (await import('../../../src/composition-root.js')).connect(logging));

export {};
