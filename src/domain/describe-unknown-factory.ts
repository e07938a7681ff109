import { nearestName } from './text/nearest-name.js';

/** Names the factory that is not known, the one that was most likely meant, and those that there are. */
export const describeUnknownFactory = ({
  factory,
  known,
}: {
  readonly factory: string;
  readonly known: readonly string[];
}): string => {
  const nearest = nearestName(factory, known);
  const suggestion = nearest === null ? '' : ` (did you mean ${nearest}?)`;
  return `unknown factory ${JSON.stringify(factory)}${suggestion}; known factories are ${known.join(', ')}`;
};
