import type { Either } from 'fp-ts/lib/Either.js';
import type { HostOperation } from '../plan/host-operation.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import { dirCopy } from './dir-copy.js';
import { dirCreate } from './dir-create.js';
import { fileBackup, fileCopy } from './file-copies.js';
import { fileMove } from './file-move.js';
import { fileWrite } from './file-write.js';
import type { HostScene } from './host-scene.js';
import type { HostView } from './host-view.js';
import { linkCreate } from './link-create.js';
import { dirDelete, dirRemoveAll, fileDelete, linkDelete } from './removals.js';

/** Checks an operation in the view of what the operations before it leave; see `HostKind.check`. */
export const checkHostOperation = (
  view: HostView,
  operation: HostOperation,
): Either<HostOperationError, void> => {
  switch (operation.kind) {
    case 'LinkCreate':
      return linkCreate.check(view, operation);
    case 'LinkDelete':
      return linkDelete.check(view, operation);
    case 'DirCreate':
      return dirCreate.check(view, operation);
    case 'DirDelete':
      return dirDelete.check(view, operation);
    case 'DirRemoveAll':
      return dirRemoveAll.check(view, operation);
    case 'FileMove':
      return fileMove.check(view, operation);
    case 'FileBackup':
      return fileBackup.check(view, operation);
    case 'FileCopy':
      return fileCopy.check(view, operation);
    case 'DirCopy':
      return dirCopy.check(view, operation);
    case 'FileWrite':
      return fileWrite.check(view, operation);
    case 'FileDelete':
      return fileDelete.check(view, operation);
  }
};

/** The steps of an operation whose turn has come; see `HostKind.steps`. */
export const stepsOfHostOperation = (
  scene: HostScene,
  operation: HostOperation,
): Either<HostOperationError, readonly HostStep[]> => {
  switch (operation.kind) {
    case 'LinkCreate':
      return linkCreate.steps(scene, operation);
    case 'LinkDelete':
      return linkDelete.steps(scene, operation);
    case 'DirCreate':
      return dirCreate.steps(scene, operation);
    case 'DirDelete':
      return dirDelete.steps(scene, operation);
    case 'DirRemoveAll':
      return dirRemoveAll.steps(scene, operation);
    case 'FileMove':
      return fileMove.steps(scene, operation);
    case 'FileBackup':
      return fileBackup.steps(scene, operation);
    case 'FileCopy':
      return fileCopy.steps(scene, operation);
    case 'DirCopy':
      return dirCopy.steps(scene, operation);
    case 'FileWrite':
      return fileWrite.steps(scene, operation);
    case 'FileDelete':
      return fileDelete.steps(scene, operation);
  }
};
