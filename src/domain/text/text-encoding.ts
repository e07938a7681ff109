/** Name by which text in an encoding can be read, `latin-1` like `latin1`; null: there is none of that name. */
export const encodingNamed = (name: string): string | null =>
  [name, name.replace(/[-_ ]/g, '')].find(isKnown) ?? null;

const isKnown = (name: string): boolean => {
  try {
    return new TextDecoder(name).encoding !== '';
  } catch {
    return false;
  }
};
