import type { NodeSDK, NodeSDKConfiguration } from '@opentelemetry/sdk-node';

/**
 * OpenTelemetry's SDK for Node.js, which would print its own diagnostics to standard output, from its constructor on,
 * where `OTEL_LOG_LEVEL` is set. That is for data: the variable is out of its sight while it looks, and put back for
 * the processes that are begun later.
 */
export const quietNodeSdk = async (configuration: Partial<NodeSDKConfiguration>): Promise<NodeSDK> => {
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const { OTEL_LOG_LEVEL: level } = process.env;
  delete process.env.OTEL_LOG_LEVEL;
  try {
    return new NodeSDK(configuration);
  } finally {
    if (level !== undefined) process.env.OTEL_LOG_LEVEL = level;
  }
};
