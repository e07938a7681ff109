import type { StoreCall, StoreCallError, StoreFailed } from '../../ports/object-store.js';

/** Errors as Amazon's library throws them, and Node's of connections. */
interface Thrown {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: {
    readonly headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  };
}

const TOO_SKEWED = 'RequestTimeTooSkewed';

const factsOf = (thrown: unknown): Thrown => (typeof thrown === 'object' && thrown !== null ? thrown : {});

const headerOf = ({ $response }: Thrown, name: string): string => {
  const value = $response?.headers?.[name];
  return typeof value === 'string' ? value : '';
};

/** Milliseconds that this machine's clock is behind that of a store which says that both differ too much; 0: it says nothing of the kind. */
export const clockSkewOf = (thrown: unknown, now: number): number => {
  const facts = factsOf(thrown);
  const date = Date.parse(headerOf(facts, 'date'));
  return facts.name === TOO_SKEWED && Number.isFinite(date) ? date - now : 0;
};

/** Codes of connections that came to nothing, or broke off. */
const OF_CONNECTION =
  /^(ECONN\w*|EPIPE|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|TimeoutError|AbortError|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_\w+)$/;

/** Errors that another try may mend, whatever their status: the first also comes inside of an answer that had begun as a success, and those of a body that was slow, cut or changed on its way have 400. */
const PASSING = [
  'InternalError',
  'SlowDown',
  'RequestTimeout',
  'IncompleteBody',
  'BadDigest',
  'XAmzContentSHA256Mismatch',
  'ThrottlingException',
  TOO_SKEWED,
];

/** The error of a call to a bucket, with what can be done about it where its code tells. */
export const s3ErrorOf = (
  thrown: unknown,
  about: { readonly store: string; readonly call: StoreCall; readonly key: string },
): StoreCallError => {
  const facts = factsOf(thrown);
  const { name = '', code, message = '' } = facts;
  const status = facts.$metadata?.httpStatusCode;
  const { store, key } = about;
  if (status === 412) return { _tag: 'ConditionFailed', store, key };
  if (
    name === 'NoSuchKey' ||
    name === 'NotFound' ||
    name === 'NoSuchUpload' ||
    (status === 404 && name !== 'NoSuchBucket')
  ) {
    return { _tag: 'ObjectMissing', store, key };
  }
  const said = code ?? (name === '' || name === 'Error' ? String(status ?? 'unknown') : name);
  const isOfConnection = status === undefined && (OF_CONNECTION.test(said) || OF_CONNECTION.test(name));
  const failed: Omit<StoreFailed, 'message'> = {
    _tag: 'StoreFailed',
    ...about,
    code: said,
    isTransient:
      isOfConnection ||
      PASSING.includes(name) ||
      status === 408 ||
      status === 409 ||
      status === 429 ||
      (status !== undefined && status >= 500 && status !== 501),
    retryAfterMs: retryAfter(headerOf(facts, 'retry-after')),
  };
  if (name === 'CredentialsProviderError') {
    const none = 'there are no credentials in the environment (AWS_ACCESS_KEY_ID, AWS_PROFILE ...)';
    return { ...failed, message: none };
  }
  const silent = status === undefined ? `no connection (${said})` : `it answered ${said}`;
  // Amazon's library adds lines of its own for who debugs it.
  const [line = ''] = message.trim().split('\n');
  const words = line === '' || line === 'UnknownError' ? silent : line.replace(/\.$/, '');
  const remedy = remedyOf(facts, said);
  return { ...failed, message: remedy === null ? words : `${words}: ${remedy}` };
};

const remedyOf = (facts: Thrown, code: string): string | null => {
  const status = facts.$metadata?.httpStatusCode;
  const region = headerOf(facts, 'x-amz-bucket-region');
  const location = headerOf(facts, 'location');
  if (region !== '' && (status === 301 || status === 307 || status === 400)) {
    return `the bucket is in another region: --region ${region} (of a remote with pond remote add --replace), or AWS_REGION=${region}`;
  }
  if (status !== undefined && status >= 300 && status < 400) {
    return location === ''
      ? 'redirects are not followed: its --endpoint or --region is that of another bucket'
      : `redirects are not followed, and it leads to ${location}: that may be the --endpoint to give`;
  }
  if (status === 407) return 'a proxy wants a name and a password';
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) {
    return 'NODE_EXTRA_CA_CERTS=FILE names an authority of your own';
  }
  return REMEDIES.get(code) ?? null;
};

const EXPIRED = 'with new credentials the same command goes on where this one has ended';

const REMEDIES: ReadonlyMap<string, string> = new Map([
  ['ExpiredToken', EXPIRED],
  ['ExpiredTokenException', EXPIRED],
  ['TokenRefreshRequired', EXPIRED],
  [TOO_SKEWED, "this machine's clock is wrong, or requests take many minutes to arrive"],
  ['NoSuchBucket', 'a bucket is made with the programs of whoever runs the store'],
  ['InvalidAccessKeyId', 'AWS_ACCESS_KEY_ID is not one of this store'],
  ['SignatureDoesNotMatch', 'AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID'],
  ['AccessDenied', 'its policy must allow to list the bucket, and to get, put and delete objects'],
  [
    'NotImplemented',
    'a store that does not know conditional writes (If-None-Match) cannot be pushed to: two pushes at once could destroy each other',
  ],
  [
    'ERR_INVALID_CHAR',
    'a variable with credentials (AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN ...) has a line break in it, or another character that no header has',
  ],
  ['ENOTFOUND', 'there is no host of that name, or it is reached through a proxy only, which is not used'],
  ['ECONNREFUSED', 'nothing listens there'],
]);

const retryAfter = (header: string): number | null =>
  /^\d{1,5}$/.test(header) ? Number(header) * 1000 : null;
