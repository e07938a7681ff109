/** Requests and bytes of the bodies of objects; those of the protocol are not counted. */
export interface Usage {
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export const NO_USAGE: Usage = { requests: 0, bytesSent: 0, bytesReceived: 0 };

export const addUsage = (a: Usage, b: Usage): Usage => ({
  requests: a.requests + b.requests,
  bytesSent: a.bytesSent + b.bytesSent,
  bytesReceived: a.bytesReceived + b.bytesReceived,
});

export const withoutUsage = (a: Usage, b: Usage): Usage => ({
  requests: a.requests - b.requests,
  bytesSent: a.bytesSent - b.bytesSent,
  bytesReceived: a.bytesReceived - b.bytesReceived,
});

/** Budget of a day, and what of it was used before. */
export interface Budget {
  /** Bytes in both directions. Null: no limit. */
  readonly maxBytes: number | null;
  readonly maxRequests: number | null;
  readonly usedBefore: Usage;
}

/** Returns the part of a budget that a request of so many bytes would go beyond; null: none. `used`: what the requests before have used, and those under way may use. */
export const beyond = (
  { maxBytes, maxRequests, usedBefore }: Budget,
  used: Usage,
  bytes: number,
): { readonly what: 'bytes' | 'requests'; readonly limit: number } | null => {
  const total = addUsage(usedBefore, used);
  if (maxRequests !== null && total.requests + 1 > maxRequests) {
    return { what: 'requests', limit: maxRequests };
  }
  return maxBytes !== null && total.bytesSent + total.bytesReceived + bytes > maxBytes
    ? { what: 'bytes', limit: maxBytes }
    : null;
};
