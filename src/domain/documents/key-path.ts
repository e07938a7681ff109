/**
 * The way to a value inside a configuration, as people write it: `config.run[0]`. `step` is a key of a mapping
 * (text) or a place in a list (number); an empty `path` is the value itself.
 */
export const keyPath = (path: string, step: string | number): string => {
  if (typeof step === 'number') return `${path}[${step}]`;
  return path === '' ? step : `${path}.${step}`;
};
