import { type Redact, redactor } from './redactor.js';
import { secretValues } from './secret-variables.js';
import { withoutUrlSecrets } from './url-secrets.js';

/**
 * Takes secrets out of whatever this process says of itself: values of the environment whose variables' names say
 * so, and what stands in URLs.
 */
export const wordsWithoutSecrets = (
  variables: Readonly<Record<string, string | undefined>>,
  more: { readonly listed?: readonly string[]; readonly values?: readonly string[] } = {},
): Redact => {
  const withoutValues = redactor([...(more.values ?? []), ...secretValues(variables, more.listed ?? [])]);
  return (text) => withoutUrlSecrets(withoutValues(text));
};
