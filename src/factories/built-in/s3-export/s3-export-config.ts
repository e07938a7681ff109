import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { textThat } from '../../../domain/documents/value-that.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { ExportLayout, PondPattern } from '../config-codecs.js';
import { isFromEnvironment, secretsOfAddress } from '../secret-texts.js';

const Place = textThat(
  'an address such as s3://bucket/prefix or file:///directory',
  (text) => isFromEnvironment(text) || /^(s3|file):\/\/./.test(text),
);

/** The configuration of the `s3-export` factory. Credentials come from the environment of whoever runs it. */
export const S3ExportConfig = exactType(
  's3-export configuration',
  { source: PondPattern, url: Place },
  {
    endpoint: t.string,
    region: t.string,
    layout: ExportLayout,
    strip_prefix: PondPattern,
  },
);

export type S3ExportConfig = t.TypeOf<typeof S3ExportConfig>;

/** Secrets that stand in the configuration itself, where the pond's history would keep them. */
export const secretsWrittenOut = ({ url, endpoint = '' }: S3ExportConfig): readonly KeyError[] => [
  ...secretsOfAddress('url', url),
  ...secretsOfAddress('endpoint', endpoint),
];

/** Reference that `pond factories s3-export` prints. */
export const s3ExportReference: FactoryReference = referenceOf(S3ExportConfig, {
  meanings: {
    source: 'a path or pattern in the pond: the files that are sent, as they are at the commit',
    url: 's3://bucket/prefix, where they go',
    endpoint: 'the server of an S3 store other than Amazon: https://host:port',
    region: 'the region of the bucket; default: what the environment says',
    layout:
      'mirror: the objects are the files as they are now; versions: a folder for each commit, and current.json names the newest of each file; default mirror',
    strip_prefix: 'a directory of the pond that the keys leave out; default /',
  },
  example: `# Sends what is below /site to a bucket.
factory: s3-export
enabled: false # take this line out once the rest is what you want
description: publish the site
condition: { path_pattern: "/site/**" }
config:
  source: "/site/**"
  strip_prefix: /site
  url: s3://my-bucket/site
`,
});
