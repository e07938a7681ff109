import type { HostOperation } from './host-operation.js';

/** The same operation on other paths. The text of a link that is absolute stays what the plan says. */
export const withPaths = (operation: HostOperation, at: (path: string) => string): HostOperation => {
  switch (operation.kind) {
    case 'LinkCreate': {
      const { source, target, mode } = operation;
      return { ...operation, target: at(target), source: mode === 'relative' ? at(source) : source };
    }
    case 'LinkDelete':
      return { ...operation, target: at(operation.target) };
    case 'DirCreate':
    case 'DirDelete':
    case 'DirRemoveAll':
    case 'FileWrite':
    case 'FileDelete':
      return { ...operation, path: at(operation.path) };
    case 'FileMove':
      return { ...operation, from: at(operation.from), to: at(operation.to) };
    case 'FileBackup':
      return { ...operation, source: at(operation.source), backup: at(operation.backup) };
    case 'FileCopy':
    case 'DirCopy':
      return { ...operation, source: at(operation.source), dest: at(operation.dest) };
  }
};
