/** Seconds that are longer than anybody waits: some servers answer a time of the clock, or one digit after another. */
const FOR_EVER = 1e10;

/** `Retry-After` in both of its forms, seconds and a date of HTTP, as milliseconds from now. Null for what is neither. */
export const retryAfterMs = (value: string | undefined, nowMicros: number): number | null => {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Math.min(FOR_EVER, Number(text)) * 1000;
  // The only letters of all three forms of HTTP's dates; anything else is not one, whatever a parser makes of it.
  if (!/^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/.test(text)) return null;
  const date = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? null : Math.max(0, date - Math.floor(nowMicros / 1000));
};
