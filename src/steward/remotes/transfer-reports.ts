import type { TransferStep } from '../../remotes/transfer-step.js';
import { NO_USAGE, type Usage } from '../../stores/usage.js';
import type { LogReadingOptions, TransferOptions } from '../shapes/transfer-options.js';

/** Listeners that a transfer hands to the store's client and to what uses it, so that its caller hears of both. */
export interface TransferReports {
  readonly onUse: (usage: Usage) => void;
  readonly onStep: (step: TransferStep) => void;
}

export const transferReports = (url: string, { onProgress }: TransferOptions): TransferReports => {
  let usage: Usage = NO_USAGE;
  let step: TransferStep | null = null;
  return {
    onUse: (next) => {
      usage = next;
      onProgress?.({ url, usage, step });
    },
    onStep: (next) => {
      step = next;
      onProgress?.({ url, usage, step });
    },
  };
};

/** The bound on the log, where it was given. */
export const logBound = ({ maxLogBytes }: LogReadingOptions): Pick<LogReadingOptions, 'maxLogBytes'> =>
  maxLogBytes === undefined ? {} : { maxLogBytes };
