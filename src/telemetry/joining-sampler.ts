import { trace } from '@opentelemetry/api';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { JOINED } from './joined.js';

/** Sampler that `OTEL_TRACES_SAMPLER` names; it decides about what joins an unrecorded trace of another day as if it began one. */
export const joiningSampler = (variables: Readonly<Record<string, string | undefined>>): Sampler => {
  const sampler = standardSampler(variables);
  return {
    shouldSample: (context, ...rest) =>
      sampler.shouldSample(context.getValue(JOINED) === true ? trace.deleteSpan(context) : context, ...rest),
    toString: () => `Joining{${sampler.toString()}}`,
  };
};

const standardSampler = (variables: Readonly<Record<string, string | undefined>>): Sampler => {
  const ratio = () => new TraceIdRatioBasedSampler(ratioOf(variables.OTEL_TRACES_SAMPLER_ARG));
  switch (variables.OTEL_TRACES_SAMPLER?.trim()) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return ratio();
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: ratio() });
    default:
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
};

/** A ratio from 0 to 1; the standard's default, also for what is not such a number, is 1. */
const ratioOf = (text: string | undefined): number => {
  const ratio = Number(text?.trim() || 1);
  return ratio >= 0 && ratio <= 1 ? ratio : 1;
};
