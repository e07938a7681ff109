/** Returns what is wrong with a regular expression, in words; null: nothing. The engine's have no look-around and no backreferences. */
export const patternFault = (pattern: string): string | null => {
  try {
    new RegExp(pattern, 'u');
  } catch (thrown) {
    const problem =
      thrown instanceof Error ? thrown.message.replace(/^Invalid regular expression: /, '') : '';
    return `is not a regular expression: ${problem}`;
  }
  const beyond = /\(\?<?[=!]/.exec(pattern) ?? /(?:^|[^\\])(?:\\\\)*(\\[1-9]|\\k<)/.exec(pattern);
  return beyond === null
    ? null
    : `has ${JSON.stringify(beyond[1] ?? beyond[0])}; look-around and backreferences are not supported`;
};
