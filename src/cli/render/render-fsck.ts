import type { Json, JsonObject } from '../../domain/documents/json.js';
import { boundedText } from '../../domain/text/bounded-text.js';
import { snakeCase } from '../../domain/text/snake-case.js';
import { type Finding, severityOf } from '../../steward/shapes/finding.js';
import type { FsckReport } from '../../steward/shapes/report.js';
import { describeFinding, remedyForFinding } from '../words/describe-finding.js';
import { byteSize, counted } from '../words/print-values.js';
import { inside } from './render-error.js';

/** The report as `pond fsck --json` prints it. */
export const fsckDocument = ({ ok, contentRoot, findings, checked, plans }: FsckReport): JsonObject => ({
  ok,
  content_root: contentRoot,
  findings: findings.map(findingDocument),
  checked: checked as JsonObject,
  ...(plans === null
    ? {}
    : {
        plans: {
          commits: plans.commits,
          differing: plans.differing.map(({ txnSeq, recorded, computed, registryAsked }) => ({
            txn_seq: txnSeq,
            recorded_checksum: recorded,
            computed_checksum: computed,
            registry_asked: registryAsked,
          })),
        },
      }),
});

const findingDocument = (finding: Finding): JsonObject => {
  const { _tag: tag, ...fields } = finding;
  return {
    tag,
    severity: severityOf(finding),
    ...Object.fromEntries(
      Object.entries(fields).map(([key, value]): [string, Json] => [snakeCase(key), value]),
    ),
    message: describeFinding(finding),
    remedy: remedyForFinding(finding),
  };
};

/** The report for people: what is wrong and what can be done, then what was looked at. */
export const renderFsck = ({ findings, checked, contentRoot, plans }: FsckReport): readonly string[] => [
  ...findings.flatMap((finding) => {
    const remedy = remedyForFinding(finding);
    return [
      `${severityOf(finding)}: ${inside(boundedText(describeFinding(finding)))}`,
      ...(remedy === null ? [] : [`  try: ${remedy}`]),
    ];
  }),
  [
    counted(checked.log_entries ?? 0, 'version'),
    counted(checked.data_files ?? 0, 'data file'),
    counted(checked.rows ?? 0, 'row'),
    counted(checked.blobs ?? 0, 'blob'),
    counted(checked.transactions ?? 0, 'transaction'),
    counted(checked.tasks ?? 0, 'task'),
    `${byteSize(checked.bytes)} of content`,
  ].join(', '),
  ...(checked.unjudged_files === 0
    ? []
    : [`not judged, because somebody may be writing them: ${counted(checked.unjudged_files, 'file')}`]),
  ...(plans !== null && plans.differing.length === 0
    ? [`the plans of ${counted(plans.commits, 'commit')} are as they were recorded`]
    : []),
  `content root ${contentRoot ?? 'not known: not all of the content can be read'}`,
  summary(findings),
];

const summary = (findings: readonly Finding[]): string => {
  const count = (severity: ReturnType<typeof severityOf>) =>
    findings.filter((finding) => severityOf(finding) === severity).length;
  const [errors, repairable] = [count('error'), count('repairable')];
  if (errors + repairable === 0) return 'nothing is wrong';
  return [
    ...(errors === 0 ? [] : [counted(errors, 'error')]),
    ...(repairable === 0 ? [] : [`${repairable} that can be repaired`]),
  ].join(', ');
};
