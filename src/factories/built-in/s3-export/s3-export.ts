import { onDemand } from '../../../effects/on-demand.js';
import type { ExecutableFactory } from '../../factory.js';
import { S3ExportConfig, s3ExportReference, secretsWrittenOut } from './s3-export-config.js';
import type { S3ExportDeps } from './send-export.js';

/** Sends files of a commit to a bucket. What it has sent is written down there, and what has not changed is not sent again. */
export const s3Export = (deps: S3ExportDeps): ExecutableFactory<S3ExportConfig> => ({
  name: 's3-export',
  description: 'Sends files to a bucket of S3.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: S3ExportConfig,
  reference: s3ExportReference,
  checkStored: secretsWrittenOut,
  execute: (context, config) => sending(({ sendExport }) => sendExport(deps, context, config)),
});

const sending = onDemand(() => import('./send-export.js'));
