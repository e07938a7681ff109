import type { Clock } from '../ports/clock.js';
import { type CommandDeps, commandFactory } from './built-in/command/command.js';
import type { DerivedDeps } from './built-in/derived/derived-content.js';
import { dynamicDir } from './built-in/derived/dynamic-dir.js';
import { sqlDerived } from './built-in/derived/sql-derived.js';
import { timeseriesJoin } from './built-in/derived/timeseries-join.js';
import { timeseriesPivot } from './built-in/derived/timeseries-pivot.js';
import { email } from './built-in/email/email.js';
import type { EmailDeps } from './built-in/email/send-mails.js';
import { type FreshnessDeps, freshness } from './built-in/freshness.js';
import { type HostExportDeps, hostExport } from './built-in/host-export/host-export.js';
import type { RequestDeps } from './built-in/http/patient-requests.js';
import { httpCollect } from './built-in/http-collect/http-collect.js';
import { hydrovu } from './built-in/hydrovu/hydrovu.js';
import { metrics } from './built-in/metrics/metrics.js';
import type { MetricsDeps } from './built-in/metrics/publish-metrics.js';
import { type ReplicationDeps, replicationManager } from './built-in/replication-manager.js';
import { s3Export } from './built-in/s3-export/s3-export.js';
import type { S3ExportDeps } from './built-in/s3-export/send-export.js';
import { temporalReduce } from './built-in/temporal-reduce/temporal-reduce.js';
import { testDir } from './built-in/test-dir.js';
import { testExecutor } from './built-in/test-executor.js';
import { testFile } from './built-in/test-file.js';
import { type ValidateDeps, validateFactory } from './built-in/validate/validate.js';
import { watch } from './built-in/watch.js';
import type { WebhookDeps } from './built-in/webhook/send-webhooks.js';
import { webhook } from './built-in/webhook/webhook.js';
import type { Factory } from './factory.js';

export interface BuiltInDeps
  extends CommandDeps,
    EmailDeps,
    FreshnessDeps,
    HostExportDeps,
    MetricsDeps,
    RequestDeps,
    WebhookDeps {
  readonly validation: ValidateDeps;
  readonly derived: DerivedDeps;
  readonly replication: ReplicationDeps;
  readonly s3Export: S3ExportDeps;
  readonly clock: Clock;
}

/** The factories that every pond knows. */
export const builtInFactories = (deps: BuiltInDeps): readonly Factory[] => [
  commandFactory(deps),
  dynamicDir,
  email(deps),
  freshness(deps),
  hostExport(deps),
  httpCollect(deps),
  hydrovu(deps),
  metrics(deps),
  sqlDerived(deps.derived),
  temporalReduce(deps.derived),
  replicationManager(deps.replication),
  s3Export(deps.s3Export),
  testDir,
  testExecutor(deps),
  testFile,
  timeseriesJoin(deps.derived),
  timeseriesPivot(deps.derived),
  validateFactory(deps.validation),
  watch,
  webhook(deps),
];
