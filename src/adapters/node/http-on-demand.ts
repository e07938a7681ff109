import type { HttpClient } from '../../ports/http-client.js';

/** HTTP, whose code (with Node's own for TLS) is loaded with the first request. */
export const httpOnDemand: HttpClient = {
  send: (request) => async () => (await import('./node-http-client.js')).nodeHttpClient.send(request)(),
};
