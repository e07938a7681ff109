import type { HttpClient } from '../../ports/network/http-client.js';
import type { Mailer } from '../../ports/network/mailer.js';
import type { Processes } from '../../ports/processes.js';

/** HTTP, whose code (with Node's own for TLS) is loaded with the first request. */
export const httpOnDemand: HttpClient = {
  send: (request) => async () =>
    (await import('./network/node-http-client.js')).nodeHttpClient.send(request)(),
};

/** Mail, whose code is loaded with the first one. */
export const mailerOnDemand: Mailer = {
  send: (server, mail, signal) => async () =>
    (await import('./network/smtp-mailer.js')).smtpMailer().send(server, mail, signal)(),
};

/** Child processes, whose code (with Node's own for them) is loaded when the first one is needed: most commands need none. */
export const processesOnDemand: Processes = {
  run: (spec, beforeStart) => async () => (await live()).run(spec, beforeStart)(),
  findGroup: (group) => async () => (await live()).findGroup(group)(),
  endGroup: (group, graceMs) => async () => (await live()).endGroup(group, graceMs)(),
};

const live = async (): Promise<Processes> => (await import('./processes/node-processes.js')).nodeProcesses;
