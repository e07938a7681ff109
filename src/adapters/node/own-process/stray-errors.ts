import { AsyncLocalStorage } from 'node:async_hooks';
import type { Logger } from '../../../ports/logger.js';
import type { ModuleCall, Modules } from '../../../ports/modules.js';

/*
 * Errors that nobody awaits end a process of Node. Those of a user's module are the failure of the call that has started what they come from,
 * which Node follows through promises, timers and callbacks.
 */

const calls = new AsyncLocalStorage<ModuleCall>();

/** Does work of a call of a module's function. */
export const withinModuleCall: Modules['within'] = (call, work) => calls.run(call, work);

/**
 * Hands errors of this process that nobody awaits to the calls of modules that they come from; what comes after a call has ended is logged.
 * Others end the process, as they do without this.
 */
export const handleStrayErrors = (logger: Logger): void => {
  const onError = (thrown: unknown): void => {
    const call = calls.getStore();
    if (call === undefined) {
      process.off('uncaughtException', onError);
      process.off('unhandledRejection', onError);
      setImmediate(() => {
        throw thrown;
      });
      return;
    }
    if (call.isOver()) {
      const { factory, path } = call;
      const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      logger.log('error', 'module_error_too_late', { factory, config_path: path, error });
    } else call.onStray(thrown);
  };
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
};
