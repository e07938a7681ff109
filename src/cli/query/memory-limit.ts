import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Invocation } from '../command.js';

const DEFAULT = '1GB';

export const declareMemoryLimit = (command: Command): Command =>
  command.addOption(
    new Option(
      '--memory-limit <size>',
      `memory that a query may use, such as 512MB; what exceeds it goes to temporary files (default: ${DEFAULT})`,
    ).argParser(amountOfMemory),
  );

const amountOfMemory = (text: string): string => {
  if (/^[1-9]\d{0,5}(?:\.\d{1,3})?\s*[KMGT]i?B$/i.test(text)) return text;
  throw new InvalidArgumentError('Expected an amount of memory such as 512MB or 2GB.');
};

export const memoryLimitAsked = ({ given }: Invocation): string => given.text('memoryLimit') ?? DEFAULT;
