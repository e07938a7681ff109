/** Lines that a message has at most. */
const MOST_LINES = 50;

/** Characters that a line of a message has at most. */
const LONGEST_LINE = 2_000;

/**
 * Cuts a message about something of any size down to what a person reads: a file with ten thousand wrong keys has one
 * message for each. What was left out is counted.
 */
export const boundedText = (text: string): string => {
  const lines = text.split('\n');
  const shown = lines.slice(0, MOST_LINES).map(boundedLine);
  const left = lines.length - shown.length;
  return [...shown, ...(left === 0 ? [] : [`... and ${left} more like these`])].join('\n');
};

const boundedLine = (line: string): string =>
  line.length <= LONGEST_LINE
    ? line
    : `${line.slice(0, LONGEST_LINE)}... and ${line.length - LONGEST_LINE} characters more`;
