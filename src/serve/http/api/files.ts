import { isUtf8 } from 'node:buffer';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { entryDocument, versionDocument } from '../../../documents/entry-document.js';
import { nameOf } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { PondError } from '../../../steward/errors.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import { Entry, Version } from '../codecs/content-shapes.js';
import { PathText, TxnSeqText, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import { headOf, streamedContent } from './streamed-content.js';

const PAGE = 500;
const LONGEST_PAGE = 5_000;
const HEAD = 64 * 1024;
const LONGEST_HEAD = 4 * 1024 * 1024;

const OfPond = asked({ pond: t.string }, {});
const PathAt = asked({ path: PathText }, { at: TxnSeqText });
const VersionAt = asked({ path: PathText }, { at: TxnSeqText, version: TxnSeqText });

export const fileRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/files',
    summary: 'Lists what is in a directory, at any transaction; `search`: names that have it in them.',
    params: OfPond,
    query: asked(
      { path: PathText },
      {
        at: TxnSeqText,
        offset: wholeText(0, 100_000_000),
        limit: wholeText(1, LONGEST_PAGE),
        search: t.string,
      },
    ),
    body: null,
    answer: t.type({ path: t.string, txn_seq: t.number, total: t.number, entries: t.array(Entry) }),
    changes: false,
    handle: ({ interface: { ponds }, params, query, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { path, at, offset = 0, limit = PAGE, search = '' } = query;
        const wanted = search.toLowerCase();
        return run(
          steward.read<PondError, Answer>(
            ({ fs, txnSeq }) =>
              steps(async (reading) => {
                const all = await reading.run(fs.list(path));
                const found = all.filter(({ name }) => name.toLowerCase().includes(wanted));
                return documentOf({
                  path,
                  txn_seq: txnSeq,
                  total: found.length,
                  entries: found.slice(offset, offset + limit).map(entryDocument),
                });
              }),
            { operation: 'list', signal, ...(at === undefined ? {} : { at }) },
          ),
        );
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/files/entry',
    summary: 'Describes one entry; a symlink as itself.',
    params: OfPond,
    query: PathAt,
    body: null,
    answer: Entry,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { path, at }, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const options = { operation: 'describe', signal, ...(at === undefined ? {} : { at }) };
        return documentOf(entryDocument(await run(steward.read(({ fs }) => fs.lstat(path), options))));
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/files/versions',
    summary:
      'Lists versions of a content, the oldest first: the newest `limit` of `total`; `before`: only those older than that version.',
    params: OfPond,
    query: asked(
      { path: PathText },
      { at: TxnSeqText, before: TxnSeqText, limit: wholeText(1, LONGEST_PAGE) },
    ),
    body: null,
    answer: t.type({ path: t.string, total: t.number, versions: t.array(Version) }),
    changes: false,
    handle: ({ interface: { ponds }, params, query, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { path, at, before = Number.POSITIVE_INFINITY, limit = PAGE } = query;
        const options = { operation: 'versions', signal, ...(at === undefined ? {} : { at }) };
        const versions = await run(steward.read(({ fs }) => fs.versions(path), options));
        const shown = versions.filter(({ version }) => version < before).slice(-limit);
        return documentOf({ path, total: versions.length, versions: shown.map(versionDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/files/head',
    summary: 'Returns the beginning of a content: text as text, what is not UTF-8 in base 64.',
    params: OfPond,
    query: asked(
      { path: PathText },
      { at: TxnSeqText, version: TxnSeqText, bytes: wholeText(1, LONGEST_HEAD) },
    ),
    body: null,
    answer: t.type({
      path: t.string,
      encoding: t.keyof({ 'utf-8': null, base64: null }),
      content: t.string,
      is_cut: t.boolean,
    }),
    changes: false,
    handle: ({ interface: { ponds }, params, query, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { path, at, version, bytes: most = HEAD } = query;
        const content = await run(streamedContent(steward, { path, at, version, signal }));
        const { bytes, isCut } = await run(caught(() => headOf(content, most)));
        // A character that was cut in half is left out.
        const text = isCut ? withoutHalf(bytes) : bytes;
        return documentOf({
          path,
          ...(isUtf8(text)
            ? { encoding: 'utf-8', content: text.toString('utf8') }
            : { encoding: 'base64', content: bytes.toString('base64') }),
          is_cut: isCut,
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/files/content',
    summary: 'Returns a content as it is, to be kept as a file.',
    params: OfPond,
    query: VersionAt,
    body: null,
    answer: null,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { path, at, version }, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const bytes = await run(streamedContent(steward, { path, at, version, signal }));
        return { _tag: 'Bytes', bytes, name: nameOf(path) };
      }),
  }),
];

/** Errors that a content throws while it is read are errors of the pond. */
const caught =
  <A>(read: () => Promise<A>): TE.TaskEither<PondError, A> =>
  async () => {
    try {
      return await TE.right(await read())();
    } catch (thrown) {
      if (!isTinyFsError(thrown)) throw thrown;
      return TE.left<PondError>(thrown)();
    }
  };

const withoutHalf = (bytes: Buffer): Buffer => {
  for (let less = 0; less < 4; less += 1) {
    const shorter = bytes.subarray(0, bytes.length - less);
    if (isUtf8(shorter)) return shorter;
  }
  return bytes;
};
