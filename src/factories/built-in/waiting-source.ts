import type { TinyFsError } from '../../tinyfs/errors.js';
import type { FactoryContext } from '../factory.js';

type LacksSource = Extract<TinyFsError, { _tag: 'DynamicNodeFailed' }>;

/**
 * Tells whether a derived file cannot be made because what it is made of is not there. One that was never published is left out
 * of an export then, until there is something to make it of; one that was stays, and the export fails.
 */
export const lacksSource = (error: TinyFsError): error is LacksSource =>
  error._tag === 'DynamicNodeFailed' && error.lacksSource === true;

/** Says that a derived file was left out, and why. */
export const warnOfLeftOut = ({ log }: Pick<FactoryContext, 'log'>, { path, message }: LacksSource): void =>
  log.log('warn', 'left_out', { path, problem: message });
