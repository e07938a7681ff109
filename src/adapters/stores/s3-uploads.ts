import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../ports/object-store.js';
import { ofTheStore } from './s3-answers.js';
import type { S3Bucket } from './s3-bucket.js';

/** Objects that come in parts, which the bucket puts together. */
export const s3Uploads = ({ client, bucket, prefix, attempt }: S3Bucket): ObjectStore['uploads'] => {
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` });
  return {
    begin: ({ key, contentType }, abortSignal) =>
      attempt('upload', key, async () => {
        const { UploadId } = await client.send(
          new CreateMultipartUploadCommand({
            ...at(key),
            ...(contentType === undefined ? {} : { ContentType: contentType }),
          }),
          { abortSignal },
        );
        return { key, id: ofTheStore(UploadId, 'to the beginning of an upload', 'UploadId') };
      }),
    put: ({ key, id }, { number, content }, abortSignal) =>
      attempt('upload', key, async () => {
        const { ETag } = await client.send(
          new UploadPartCommand({
            ...at(key),
            UploadId: id,
            PartNumber: number,
            Body: content,
            ContentLength: content.length,
          }),
          { abortSignal },
        );
        return { number, size: content.length, etag: ofTheStore(ETag, 'to a part', 'ETag') };
      }),
    complete: ({ key, id }, parts, condition, abortSignal) =>
      attempt('upload', key, async () => {
        const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
        const { ETag, Key } = await client.send(
          new CompleteMultipartUploadCommand({
            ...at(key),
            UploadId: id,
            MultipartUpload: { Parts },
            ...(condition === null ? {} : { IfNoneMatch: '*' }),
          }),
          { abortSignal },
        );
        ofTheStore(ETag ?? Key, 'to the end of an upload', 'ETag');
      }),
    abort: ({ key, id }, abortSignal) =>
      attempt('upload', key, async () => {
        await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: id }), { abortSignal });
      }),
    unfinished: (key, abortSignal) =>
      attempt('upload', key, async () => {
        const { Uploads = [] } = await client.send(
          new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: at(key).Key }),
          { abortSignal },
        );
        return Uploads.flatMap(({ Key, UploadId }) =>
          Key === at(key).Key && UploadId !== undefined ? [{ key, id: UploadId }] : [],
        );
      }),
    parts: ({ key, id }, abortSignal) =>
      attempt('upload', key, async () => {
        const parts = [];
        for (let after: string | undefined; ; ) {
          const page = await client.send(
            new ListPartsCommand({
              ...at(key),
              UploadId: id,
              ...(after === undefined ? {} : { PartNumberMarker: after }),
            }),
            { abortSignal },
          );
          for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
            parts.push({ number: PartNumber ?? 0, size: Size ?? 0, etag: ETag ?? '' });
          }
          const isLast = page.IsTruncated !== true || page.NextPartNumberMarker === after;
          if (isLast || parts.length > MOST_PARTS) return parts;
          after = page.NextPartNumberMarker;
        }
      }),
  };
};

/** Parts of an upload, by the protocol. */
const MOST_PARTS = 10_000;
