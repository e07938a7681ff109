import { onDemand } from '../../../effects/on-demand.js';
import type { ExecutableFactory } from '../../factory.js';
import type { WebhookDeps } from './send-webhooks.js';
import { secretsWrittenOut, WebhookConfig, webhookReference } from './webhook-config.js';

/**
 * Sends what happened to an address by HTTP. Only 2xx is success. A request that is repeated, by a retry or after a
 * crash, has the id of the first one, so that the receiver can know it again.
 */
export const webhook = (deps: WebhookDeps): ExecutableFactory<WebhookConfig> => ({
  name: 'webhook',
  description: 'Sends a notice by HTTP: Standard Webhooks, CloudEvents, Slack, or as you write it.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  callsNobody: true,
  runWhen: 'change',
  config: WebhookConfig,
  reference: webhookReference,
  checkStored: secretsWrittenOut,
  execute: (context, config) => sending(({ sendWebhooks }) => sendWebhooks(deps, context, config)),
});

const sending = onDemand(() => import('./send-webhooks.js'));
