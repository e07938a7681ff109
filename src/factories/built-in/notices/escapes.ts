const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => HTML[character] ?? character);

/** Escapes as Slack asks for: nothing of a text can then be a mention, a channel or a link. */
export const escapeSlack = (text: string): string =>
  text.replace(/[&<>]/g, (character) => HTML[character] ?? character);

/** The inside of a JSON string. */
export const escapeJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** One line without characters that end it or that nobody sees: for headers and titles. */
export const oneLine = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\p{Bidi_Control}/gu, '')
    .trim();

/** Cuts a text to `length` UTF-16 units, never inside a character; `…` stands for what is cut off. */
export const cutTo = (length: number, text: string): string => {
  if (text.length <= length) return text;
  const head = text.slice(0, length - 1);
  return `${/[\uD800-\uDBFF]$/.test(head) ? head.slice(0, -1) : head}…`;
};
