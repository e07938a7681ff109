import { valueThat } from '../../domain/documents/value-that.js';

/** A finite number of 0 or more. */
export const atLeastZero = valueThat(
  'a number of 0 or more',
  (input): input is number => typeof input === 'number' && input >= 0 && Number.isFinite(input),
);
