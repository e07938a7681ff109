import { right } from 'fp-ts/lib/Either.js';
import type { Notice, TaskOutcome } from '../../src/domain/plans/task-outcome.js';
import type { ExecutableFactory, FactoryContext } from '../../src/factories/factory.js';
import { writing } from './memory-steward.js';

/** What a factory is to do next: complete, or fail with this. */
export interface Instructions {
  check: 'well' | 'badly' | { readonly retryAfterMs: number } | { readonly retryable: false };
  tell: 'well' | 'badly';
}

/** One execution of the factory `tell`. */
export interface Told {
  readonly task: string;
  readonly outcomes: readonly TaskOutcome[];
}

/** Two factories: `check` does as it is told, and `tell` remembers what it was told of others. */
export const checkAndTell = () => {
  const next: Instructions = { check: 'well', tell: 'well' };
  const told: Told[] = [];
  const checks: string[] = [];
  const base = {
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: { decode: (input: unknown) => right(input) },
  } as const;
  const failure = (context: FactoryContext, factory: string, wish: object) =>
    ({
      _tag: 'Left',
      left: { _tag: 'FactoryFailed', path: context.path, factory, message: 'no', ...wish },
    }) as const;
  const nameOf = ({ task }: FactoryContext) => `${task?.parentTxnSeq}.${task?.executionSeq}`;
  const check: ExecutableFactory<unknown> = {
    ...base,
    name: 'check',
    description: 'Does as it is told.',
    execute: (context) => async () => {
      checks.push(nameOf(context));
      context.report({ attempt: context.attempt });
      if (next.check === 'well') return { _tag: 'Right', right: undefined };
      return failure(context, 'check', next.check === 'badly' ? {} : next.check);
    },
  };
  const tell: ExecutableFactory<unknown> = {
    ...base,
    name: 'tell',
    description: 'Remembers what it was told.',
    runWhen: 'change',
    execute: (context) => async () => {
      told.push({ task: nameOf(context), outcomes: context.outcomes });
      return next.tell === 'well' ? { _tag: 'Right', right: undefined } : failure(context, 'tell', {});
    },
  };
  return { next, told, checks, options: { factories: [check, tell] } };
};

export const noticesIn = (told: readonly Told[]): readonly Notice[] =>
  told.flatMap(({ outcomes }) => outcomes.flatMap(({ notice }) => (notice === null ? [] : [notice])));

export const CHECK = 'factory: check';
export const TELL = 'factory: tell\ndepends_on: [10-check]';

let written = 0;

/** A commit of data. */
export const aCommit = () => {
  written += 1;
  return writing('/in/data', `content ${written}`);
};
