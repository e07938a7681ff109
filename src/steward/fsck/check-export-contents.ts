import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { abandonedContents } from '../pond/export-contents.js';
import type { Finding } from '../shapes/finding.js';
import type { StewardPorts } from '../steward-ports.js';

/** Contents of exports whose process has gone. Looked at again once that is known: who ended in between has removed them. */
export const checkExportContents = (
  ports: StewardPorts,
  controlDir: string,
  named: (path: string) => string,
): readonly Finding[] => {
  const abandoned = abandonedContents(ports, controlDir);
  if (isLeft(abandoned)) {
    const { path, call, code } = abandoned.left;
    return [{ _tag: 'StorageUnreadable', file: named(path), call, code }];
  }
  return abandoned.right
    .filter(({ path }) => isRight(ports.files.stat(path)()))
    .map(({ path, why }) =>
      why === null
        ? { _tag: 'ExportContentLeft', file: named(path) }
        : { _tag: 'ExportContentMadeElsewhere', file: named(path), why },
    );
};
