import { isLeft } from 'fp-ts/lib/Either.js';
import { nodeHttpClient } from '../../../src/adapters/node/network/node-http-client.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import type { WebhookDeps } from '../../../src/factories/built-in/webhook/send-webhooks.js';
import { webhook } from '../../../src/factories/built-in/webhook/webhook.js';
import { WebhookConfig } from '../../../src/factories/built-in/webhook/webhook-config.js';
import type { FactoryError, PostCommitContext } from '../../../src/factories/factory.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import { postCommitContext } from '../contexts.js';

export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';
export const OLDER_SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDC2FVsBQIhrs=';

const webhookConfig = (config: unknown): WebhookConfig => {
  const decoded = WebhookConfig.decode(config);
  if (isLeft(decoded)) throw new Error(JSON.stringify(decoded.left.map(({ message }) => message)));
  return decoded.right;
};

/** Runs the factory over real HTTP; returns its error, or null. */
export const send = async (
  config: unknown,
  context: Partial<PostCommitContext> = {},
  deps: Partial<WebhookDeps> = {},
): Promise<FactoryError | null> => {
  const factory = webhook({ clock: nodeClock, http: nodeHttpClient, telemetry: NO_TELEMETRY, ...deps });
  const outcome = await factory.execute(postCommitContext(context), webhookConfig(config))();
  return isLeft(outcome) ? outcome.left : null;
};

export const messageOf = (error: FactoryError | null): string =>
  error !== null && 'message' in error ? error.message : JSON.stringify(error);
