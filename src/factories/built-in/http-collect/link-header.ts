/** An address of the header. Commas and semicolons may be in it. */
const ADDRESS = /<([^>]*)>/y;
/** A parameter, whose value may be in quotes, in which commas, semicolons and brackets are text. */
const PARAMETER = /\s*;\s*([^\s=;,<"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

/** The address of `rel="next"` in a header Link (RFC 8288); empty where there is none. */
export const nextLink = (header: string): string => {
  for (let at = header.indexOf('<'); at !== -1; at = header.indexOf('<', at)) {
    ADDRESS.lastIndex = at;
    const found = ADDRESS.exec(header);
    if (found === null) return '';
    at = ADDRESS.lastIndex;
    let relations: string | null = null;
    for (PARAMETER.lastIndex = at; ; at = PARAMETER.lastIndex) {
      const parameter = PARAMETER.exec(header);
      if (parameter === null) break;
      const [, name = '', quoted, plain = ''] = parameter;
      // Of several the first counts.
      if (name.toLowerCase() === 'rel') relations ??= quoted ?? plain;
    }
    if (relations?.toLowerCase().split(/\s+/).includes('next') === true) return found[1] ?? '';
  }
  return '';
};
