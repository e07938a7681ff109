import type { Limit, RangeOperator, SingleOperator } from './rules.js';

const WORDS: Readonly<Record<SingleOperator | RangeOperator, string>> = {
  mustBe: 'must be',
  mustNotBe: 'must not be',
  mustBeGreaterThan: 'must be greater than',
  mustBeGreaterOrEqualTo: 'must be at least',
  mustBeLessThan: 'must be less than',
  mustBeLessOrEqualTo: 'must be at most',
  mustBeBetween: 'must be between',
  mustNotBeBetween: 'must not be between',
};

/** A limit in words: `must be less than 1%`. */
export const limitText = ({ operator, than }: Limit, unit: 'rows' | 'percent'): string => {
  const sign = unit === 'percent' ? '%' : '';
  const bounds = typeof than === 'number' ? `${than}${sign}` : `${than[0]}${sign} and ${than[1]}${sign}`;
  return `${WORDS[operator]} ${bounds}`;
};

/**
 * Tells whether a value is within a limit. Both ends of a range belong to it: so says the standard's sign, and so do other
 * programs, though a sentence of the standard puts it otherwise.
 */
export const holds = (limit: Limit, value: number): boolean => {
  switch (limit.operator) {
    case 'mustBe':
      return value === limit.than;
    case 'mustNotBe':
      return value !== limit.than;
    case 'mustBeGreaterThan':
      return value > limit.than;
    case 'mustBeGreaterOrEqualTo':
      return value >= limit.than;
    case 'mustBeLessThan':
      return value < limit.than;
    case 'mustBeLessOrEqualTo':
      return value <= limit.than;
    case 'mustBeBetween':
      return value >= limit.than[0] && value <= limit.than[1];
    case 'mustNotBeBetween':
      return value < limit.than[0] || value > limit.than[1];
  }
};

/** A limit as its key and value in a configuration. */
export const limitKeys = ({ operator, than }: Limit): readonly [string, unknown] => [operator, than];
