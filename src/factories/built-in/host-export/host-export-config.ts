import type * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { textThat, valueThat } from '../../../domain/documents/value-that.js';
import { hostPathProblem } from '../../../host-plans/operations/host-path.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { ExportLayout, PondPattern } from '../config-codecs.js';

const Target = textThat(
  'an absolute path of the host without . or .. or a / at its end',
  (text) => hostPathProblem(text) === null,
);

const Count = valueThat(
  'a whole number from 1',
  (input): input is number => Number.isSafeInteger(input) && Number(input) >= 1,
);

/** The configuration of the `host-export` factory. */
export const HostExportConfig = exactType(
  'host-export configuration',
  { source: PondPattern, target: Target },
  { strip_prefix: PondPattern, layout: ExportLayout, keep: Count },
);

export type HostExportConfig = t.TypeOf<typeof HostExportConfig>;

/** Reference that `pond factories host-export` prints. */
export const hostExportReference: FactoryReference = referenceOf(HostExportConfig, {
  meanings: {
    source: 'a path or pattern in the pond: the files that are published, as they are at the commit',
    target: 'the directory of the host where they go, absolute; made where it is missing',
    strip_prefix: 'a directory of the pond that the names in the target leave out; default /',
    layout:
      'mirror: the target has the files as they are now; versions: a directory for each commit, and current leads to the newest; default mirror',
    keep: 'with versions: how many are kept; default 3',
  },
  example: `# Publishes what is below /site, all or nothing.
factory: host-export
enabled: false # take this line out once the rest is what you want
description: publish the site
condition: { path_pattern: "/site/**" }
config:
  source: "/site/**"
  strip_prefix: /site
  target: /srv/www/site
  layout: versions
  keep: 5
`,
});
