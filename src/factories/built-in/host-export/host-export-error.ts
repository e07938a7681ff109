import { errnoInWords } from '../../../domain/errno-in-words.js';
import type { FileSystemError } from '../../../ports/file-system.js';
import { describeTinyFsError } from '../../../tinyfs/describe-tinyfs-error.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import { describePublicationError, type PublicationError } from '../host-publication.js';

/** Reason why an export did not publish. */
export type HostExportError =
  | PublicationError
  /** The place belongs to another export: of this pond, or of another one. */
  | {
      readonly _tag: 'BelongsToAnother';
      readonly target: string;
      readonly configPath: string;
      readonly pondId: string;
    }
  /** The place was exported to in the other layout. */
  | { readonly _tag: 'OtherLayout'; readonly target: string; readonly found: string; readonly wanted: string }
  /** The manifest is there and is not one: what in the place is the export's cannot be told. */
  | { readonly _tag: 'NotAManifest'; readonly path: string }
  /** Something that this export did not make stands where it publishes. */
  | { readonly _tag: 'NotExported'; readonly path: string }
  | { readonly _tag: 'NotASymlink'; readonly path: string }
  /** A call to the host's filesystem failed. */
  | { readonly _tag: 'ExportCallFailed'; readonly error: FileSystemError }
  /** There is no place where contents could wait. */
  | { readonly _tag: 'NoStaging'; readonly problem: string }
  | { readonly _tag: 'SourceIsDirectory'; readonly problem: string }
  /** A directory of the pond that the pattern goes through cannot be looked into. */
  | { readonly _tag: 'SourceUnreadable'; readonly error: TinyFsError }
  /** A file of the pond cannot be read. */
  | { readonly _tag: 'ContentUnreadable'; readonly error: TinyFsError };

/** An export's error as one sentence for people, without a full stop. */
export const describeHostExportError = (error: HostExportError): string => {
  switch (error._tag) {
    case 'NoStaging':
    case 'SourceIsDirectory':
      return error.problem;
    case 'BelongsToAnother':
      return `${error.target} belongs to the export ${error.configPath} of the pond ${error.pondId}; export to another directory`;
    case 'OtherLayout':
      return `${error.target} has the layout ${error.found}, not ${error.wanted}; export to another directory`;
    case 'NotAManifest':
      return `${error.path} is not a manifest of an export`;
    case 'NotExported':
      return `${error.path} is there and was not exported`;
    case 'NotASymlink':
      return `${error.path} is there and is not a symlink`;
    case 'ExportCallFailed':
      return `${error.error.path}: ${error.error.call} failed: ${errnoInWords(error.error.code)}`;
    case 'SourceUnreadable':
    case 'ContentUnreadable':
      return describeTinyFsError(error.error);
    default:
      return describePublicationError(error);
  }
};
