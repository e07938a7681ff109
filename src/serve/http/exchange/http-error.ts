import { errorAsDocument } from '../../../documents/error-document.js';
import { remedyForPondError } from '../../../documents/remedy.js';
import type { CommitNotRecorded } from '../../../documents/timeline-of-commit.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import type { Redact } from '../../../domain/secrets/redactor.js';
import { describeError } from '../../../steward/describe-error.js';
import type { PondError } from '../../../steward/errors.js';

/** A request that is refused before a pond is asked. */
export type RequestError =
  /** It is not what the interface's document says. */
  | {
      readonly _tag: 'BadRequest';
      readonly where: 'address' | 'query' | 'body' | 'head';
      readonly problems: readonly string[];
    }
  | { readonly _tag: 'NoSuchAddress'; readonly path: string }
  | { readonly _tag: 'NoSuchPond'; readonly pond: string }
  | { readonly _tag: 'NoSuchFactory'; readonly factory: string }
  | { readonly _tag: 'MethodNotAllowed'; readonly allowed: readonly string[] }
  /** No token, or another one. */
  | { readonly _tag: 'NotAuthenticated' }
  /** It comes from the page of another origin, or by a name that is not this server's. */
  | { readonly _tag: 'OtherOrigin'; readonly header: string; readonly value: string }
  /** The server only shows. */
  | { readonly _tag: 'ShowsOnly' }
  | { readonly _tag: 'BodyTooLarge'; readonly limit: number }
  /** More is going on than it takes up at once. */
  | { readonly _tag: 'TooBusy'; readonly what: string }
  /** A query that has used up its time. */
  | { readonly _tag: 'TookTooLong'; readonly milliseconds: number }
  /** Somebody else has changed what was edited. */
  | { readonly _tag: 'ChangedMeanwhile'; readonly path: string; readonly sha256: string | null };

export type HttpError = PondError | CommitNotRecorded | RequestError;

/** Statuses of errors that are not the server's own fault. */
const STATUS: Partial<Readonly<Record<HttpError['_tag'], number>>> = {
  BadRequest: 400,
  InvalidPath: 400,
  InvalidArgument: 400,
  InvalidPattern: 400,
  QueryFailed: 400,
  WrongOrder: 400,
  NotAuthenticated: 401,
  OtherOrigin: 403,
  ShowsOnly: 403,
  NotTrusted: 403,
  ReadOnlyPath: 403,
  IsReplica: 403,
  UnsafeFile: 403,
  NoSuchAddress: 404,
  NoSuchPond: 404,
  NoSuchFactory: 404,
  PathNotFound: 404,
  TransactionNotFound: 404,
  TaskNotFound: 404,
  VersionNotFound: 404,
  CommitNotRecorded: 404,
  NoCommitYet: 404,
  CommitGone: 410,
  CommitForgotten: 410,
  MethodNotAllowed: 405,
  NotADirectory: 409,
  IsADirectory: 409,
  PathExists: 409,
  WrongEntryType: 409,
  NotDynamic: 409,
  NotASeries: 409,
  NotRetryable: 409,
  NotCancellable: 409,
  NotDismissable: 409,
  NotExecutable: 409,
  ModeNotSupported: 409,
  RefusedInsideTask: 409,
  RefusedInsideWrite: 409,
  ChangedSince: 409,
  ChangedMeanwhile: 409,
  SchemaConflict: 409,
  BodyTooLarge: 413,
  ConfigTooLarge: 413,
  InvalidYaml: 422,
  InvalidConfig: 422,
  InvalidSetting: 422,
  UnknownFactory: 422,
  EntryRejected: 422,
  VariableNotSet: 422,
  FactoryModuleFailed: 422,
  FactoryFailed: 422,
  GateRefused: 422,
  NotParquet: 422,
  PondLocked: 423,
  ControlInUse: 423,
  TooBusy: 503,
  Interrupted: 503,
  TookTooLong: 504,
};

export const statusOf = ({ _tag }: HttpError): number => STATUS[_tag] ?? 500;

/** An error as the interface says it, without what is secret. */
export const httpErrorDocument = (error: HttpError, redact: Redact): JsonObject =>
  errorAsDocument(error, { message: describeHttpError(error), remedy: remedyForHttpError(error) }, redact);

const describeHttpError = (error: HttpError): string => {
  switch (error._tag) {
    case 'BadRequest':
      return `the ${error.where} of the request is not what it must be: ${error.problems.join('; ')}`;
    case 'NoSuchAddress':
      return `there is nothing at ${error.path}`;
    case 'NoSuchPond':
      return `no pond ${JSON.stringify(error.pond)} is served here`;
    case 'NoSuchFactory':
      return `there is no factory ${JSON.stringify(error.factory)}`;
    case 'MethodNotAllowed':
      return `only ${error.allowed.join(' and ')} can be asked there`;
    case 'NotAuthenticated':
      return 'the token of the user who serves these ponds is missing, or is another one';
    case 'OtherOrigin':
      return `the request comes from elsewhere: its ${error.header} is ${JSON.stringify(error.value)}`;
    case 'ShowsOnly':
      return 'this server only shows and changes nothing';
    case 'BodyTooLarge':
      return `the body of the request has more than ${error.limit} bytes`;
    case 'TooBusy':
      return `too many ${error.what} are going on already`;
    case 'TookTooLong':
      return `the query was ended after ${error.milliseconds} ms`;
    case 'ChangedMeanwhile':
      return `${error.path} was changed by somebody else since it was read`;
    case 'CommitNotRecorded':
      return `commit ${error.txnSeq} is not in the control table yet`;
    default:
      return describeError(error);
  }
};

const remedyForHttpError = (error: HttpError): string | null => {
  switch (error._tag) {
    case 'NotAuthenticated':
      return 'open the link that pond serve has printed, or send it as Authorization: Bearer TOKEN';
    case 'NoSuchPond':
    case 'NoSuchAddress':
    case 'MethodNotAllowed':
    case 'BadRequest':
      return 'GET /api/v1/openapi.json says what there is';
    case 'ShowsOnly':
      return 'start pond serve without --read-only';
    case 'TooBusy':
      return 'ask again later';
    case 'ChangedMeanwhile':
      return 'read it again, and make the change in what it is now';
    case 'OtherOrigin':
      return 'use the address that pond serve has printed; --origin names another one';
    case 'BodyTooLarge':
    case 'TookTooLong':
    case 'NoSuchFactory':
      return null;
    default:
      return remedyForPondError(error);
  }
};
