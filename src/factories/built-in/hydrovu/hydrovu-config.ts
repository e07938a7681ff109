import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { quietTextThat as textThat } from '../../../domain/documents/value-that.js';
import { DurationCodec, RetentionCodec } from '../../../domain/duration.js';
import { microsOfWritten, writtenTime } from '../../../domain/written-time.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { checkedBy, wholeNumber } from '../config-codecs.js';
import { HttpUrl } from '../http/http-codecs.js';
import { isFromEnvironment, LITERAL_SECRET, secretsOfAddress } from '../secret-texts.js';

const Text = textThat('a text that is not empty', (text) => text.trim() !== '');
const Directory = textThat('a path in the pond such as /hydrovu', (text) => /^\/[^/]/.test(text));
/** It becomes part of names of files. */
const DeviceName = textThat('letters, digits, ".", "-" and "_", at most 100 of them', (text) =>
  /^[\p{L}\p{N}_-][\p{L}\p{N}._-]{0,99}$/u.test(text),
);

const isId = (input: unknown): boolean =>
  (typeof input === 'number' && Number.isSafeInteger(input) && input >= 0) ||
  (typeof input === 'string' && /^\d{1,30}$/.test(input));

/** The id of a location: digits, since a number as large as theirs may lose some. */
const LocationId = new t.Type<string, string, unknown>(
  'the id of a location',
  (input): input is string => typeof input === 'string' && isId(input),
  (input, context) =>
    isId(input)
      ? t.success(String(input))
      : t.failure(
          input,
          context,
          typeof input === 'number' && input > Number.MAX_SAFE_INTEGER
            ? 'a number of this size loses digits: write it in quotes'
            : 'expected the id of a location, such as 4990594334457856',
        ),
  (id) => id,
);

/** A date or a time in UTC, decoded into seconds since the epoch. */
const Since = new t.Type<number, string, unknown>(
  'a date such as 2020-01-31, or a time such as 2020-01-31T12:00:00Z',
  (input): input is number => typeof input === 'number',
  (input, context) => {
    const written = typeof input === 'string' ? writtenTime(input) : null;
    // A time of day without a zone could be that of any place.
    const micros =
      written === null || (written.hasTime && written.offset === null)
        ? null
        : microsOfWritten(written, 'UTC');
    return micros !== null && micros >= 0 ? t.success(Math.floor(micros / 1e6)) : t.failure(input, context);
  },
  (seconds) => new Date(seconds * 1000).toISOString(),
);

const Device = exactType(
  'device',
  { name: DeviceName, id: LocationId },
  { active: t.boolean, comment: t.string, since: Since },
);

export type HydroVuDevice = t.TypeOf<typeof Device>;

const Keys = exactType(
  'hydrovu configuration',
  {
    client_id: Text,
    client_secret: Text,
    hydrovu_path: Directory,
    devices: t.readonlyArray(Device, 'a list of devices'),
  },
  {
    max_points_per_run: wholeNumber(1, 100_000_000),
    archive_path: Directory,
    since: Since,
    overlap: RetentionCodec,
    base_url: HttpUrl,
    sign_in: t.keyof({ basic: null, body: null }),
    timeout: DurationCodec,
    requests_per_minute: wholeNumber(1, 1_000),
    max_answer_mib: wholeNumber(1, 1_024),
  },
);

type Keys = t.TypeOf<typeof Keys>;

/** Two devices of one name would share a file, two of one id their readings. */
const problemOf = ({ devices }: Keys): KeyError | null => {
  for (const key of ['name', 'id'] as const) {
    const values = devices.map((device) => device[key]);
    const twice = values.findIndex((value, at) => values.indexOf(value) < at);
    if (twice >= 0)
      return { key: `devices.${twice}.${key}`, message: `two devices have the ${key} ${values[twice]}` };
  }
  return null;
};

/** The configuration of the `hydrovu` factory. */
export const HydroVuConfig = checkedBy(Keys, problemOf);

export type HydroVuConfig = Keys;

/** Secrets that stand in the configuration itself, where the pond's history would keep them. */
export const secretsWrittenOut = ({ client_secret, base_url = '' }: HydroVuConfig): readonly KeyError[] => [
  ...(isFromEnvironment(client_secret) ? [] : [{ key: 'client_secret', message: LITERAL_SECRET }]),
  ...secretsOfAddress('base_url', base_url),
];

/** Reference that `pond factories hydrovu` prints. */
export const hydroVuReference: FactoryReference = referenceOf(Keys, {
  meanings: {
    client_id: 'the id of the API credentials that HydroVu gave you',
    client_secret: `their secret, as \${env:NAME}`,
    hydrovu_path: 'the directory of the pond that readings go to, in devices/ID/NAME_active.series',
    devices:
      'a list of { name, id, active, comment, since }: a name for files, the id of the location, whether it is collected (default true), a note, and its own since',
    max_points_per_run:
      'single readings of a device after which a run stops asking for more of it, at the end of a page; default 100000',
    archive_path:
      'a directory of the pond with devices/ID/*.series of earlier days: a device without readings of its own goes on after the newest of them; default: there is none',
    since: 'from when on a device without any readings is collected; default 1970-01-02, the beginning',
    overlap:
      'how far before the newest reading of a device others may still be new, longer for loggers that phone in later; default 1d',
    base_url: 'the address of the API; default https://www.hydrovu.com/public-api',
    sign_in: 'how the credentials are sent: basic (a header) or body (of the form); default basic',
    timeout: 'how long one request may take, its answer included; default 60s',
    requests_per_minute: 'requests that are sent within a minute at most, up to 1000; default 900',
    max_answer_mib: 'MiB of one answer that are read at most; default 64',
  },
  example: `# Collects readings of HydroVu; run it from cron: pond run /etc/hydrovu.d/noyo collect
factory: hydrovu
description: readings of the Noyo Center
timeout: 30m
config:
  client_id: "\${env:HYDRO_KEY_ID}"
  client_secret: "\${env:HYDRO_KEY_VALUE}"
  hydrovu_path: /hydrovu
  max_points_per_run: 100000
  since: 2020-01-01
  devices:
    - { name: NoyoCenterVulink_1, id: "4990594334457856", comment: at the pier }
    - { name: NoyoCenterVulink_2, id: "4745648669458432", active: false }
`,
});
