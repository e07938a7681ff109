/** Text in quotes as a message shows it: shortened, and without control characters that a terminal would obey. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length > 200 ? `${text.slice(0, 197)}...` : text);
