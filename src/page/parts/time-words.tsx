import { useEffect, useState } from 'preact/hooks';
import { ago, localTime } from './words.js';

/** Milliseconds after which words about a time are no longer true: seconds are said of what is less than a minute away. */
const pauseAt = (time: string): number => (Math.abs(Date.now() - Date.parse(time)) < 60_000 ? 1_000 : 15_000);

/** A time by its distance from now, in words that stay true while they are looked at. */
export const TimeWords = ({
  time,
  says = ago,
  quiet = false,
}: {
  readonly time: string;
  readonly says?: (time: string) => string;
  readonly quiet?: boolean;
}) => {
  const [, setSaid] = useState(0);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(Date.now()), pauseAt(time));
    return () => clearTimeout(timer);
  });
  return (
    <time class={quiet ? 'quiet' : ''} dateTime={time} title={localTime(time)}>
      {says(time)}
    </time>
  );
};
