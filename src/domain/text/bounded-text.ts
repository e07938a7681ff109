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

const boundedLine = (line: string): string => {
  if (line.length <= LONGEST_LINE) return line;
  const head = line.slice(0, LONGEST_LINE);
  // Between words where there are any: half of a secret could not be recognised.
  const lastWord = head.search(/(?<=[\s,{}<>])[^\s,{}<>]{0,400}$/);
  const kept = lastWord > 0 ? head.slice(0, lastWord) : head;
  return `${kept}... and ${line.length - kept.length} characters more`;
};
