/*
 * The rules of CloudEvents 1.0 for an event in JSON, as its JSON schema and its specification have them: which attributes there
 * must be, what their values must be, and what names others may have.
 */

const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0;

/** RFC 3339. */
const isTime = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/.test(value) &&
  !Number.isNaN(Date.parse(value));

/** A URI or a relative reference: no space, nothing that has to be encoded, and no lonely per cent sign. */
const isReference = (value: unknown): boolean =>
  isText(value) && /^(?:[\w\-.~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/.test(String(value));

const isAbsoluteUri = (value: unknown): boolean =>
  isReference(value) && /^[A-Za-z][\w+.-]*:/.test(String(value));

const isMediaType = (value: unknown): boolean =>
  isText(value) && /^[\w.+-]+\/[\w.+-]+(;.*)?$/.test(String(value));

const REQUIRED = ['id', 'source', 'specversion', 'type'];

const RULES: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isText,
  source: isReference,
  specversion: (value) => value === '1.0',
  type: isText,
  datacontenttype: isMediaType,
  dataschema: isAbsoluteUri,
  subject: isText,
  time: isTime,
  data: () => true,
  data_base64: (value) => typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
};

/** Values that extensions may have in JSON. */
const isExtension = (name: string, value: unknown): boolean =>
  /^[a-z0-9]{1,20}$/.test(name) &&
  (typeof value === 'string' || typeof value === 'boolean' || Number.isInteger(value));

/** Names of attributes that break a rule; none: it is a CloudEvent. */
export const cloudEventFaults = (event: Readonly<Record<string, unknown>>): readonly string[] => [
  ...REQUIRED.filter((name) => !(name in event)),
  ...Object.entries(event).flatMap(([name, value]) => {
    const rule = RULES[name];
    return (rule === undefined ? isExtension(name, value) : rule(value)) ? [] : [name];
  }),
  ...('data' in event && 'data_base64' in event ? ['data_base64'] : []),
];
