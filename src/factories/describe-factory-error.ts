import { describeNotTrusted } from '../domain/describe-not-trusted.js';
import { describeUnknownFactory } from '../domain/describe-unknown-factory.js';
import { describeKeyError } from '../domain/documents/decode-error.js';
import type { FactoryError } from './factory.js';

/**
 * A factory's error in words, in the style of
 * `/etc/system.d/20-notify.yaml: config.url: expected string, got 42`; several wrong keys are joined with `; `.
 */
export const describeFactoryError = (error: FactoryError): string => {
  switch (error._tag) {
    case 'FactoryFailed':
      return `${error.path}: ${error.factory}: ${error.message}`;
    case 'FactoryModuleFailed':
    case 'NotTrusted':
      return factoryProblem(error);
    default:
      return `${error.path}: ${factoryProblem(error)}`;
  }
};

/** The same for where the configuration's path and its factory stand beside it, so that neither is said twice. */
export const factoryProblem = (error: FactoryError): string => {
  switch (error._tag) {
    case 'UnknownFactory':
      return describeUnknownFactory(error);
    case 'ModeNotSupported':
      return `the factory ${error.factory} ${
        error.modes.length === 0
          ? 'cannot be executed'
          : `runs as ${error.modes.join(' or ')}, not as ${error.mode}`
      }`;
    case 'InvalidYaml':
      return `not a YAML document of plain data: ${error.problem}`;
    case 'InvalidConfig':
      return error.errors.map(describeKeyError).join('; ');
    case 'VariableNotSet':
      return `${error.key === '' ? '' : `${error.key}: `}the environment variable ${error.variable} is not set`;
    case 'FactoryFailed':
      return error.message;
    case 'FactoryModuleFailed':
      return `${error.module}: ${error.message}`;
    case 'NotTrusted':
      return describeNotTrusted(error);
  }
};
