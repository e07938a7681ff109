export const tsc: (root: string, ...args: readonly string[]) => readonly [string, ...string[]];
