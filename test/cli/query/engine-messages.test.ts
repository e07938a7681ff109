import { expect, test } from 'vitest';
import { engineMessage } from '../../../src/adapters/duckdb/messages/engine-messages.js';

test('what the engine takes for a fault of its own is said without its calls, and without the place of its files', () => {
  const thrown = new Error(
    'INTERNAL Error: Information loss on integer cast\n\nStack Trace:\n\n/srv/app/node_modules/libduckdb.so(_ZN6duckdb9Exception+0x5b) [0x7f9b15c4c1eb]\n/lib/libc.so(clone+0x40)\n',
  );
  expect(engineMessage(thrown, new Map())).toEqual({
    _tag: 'QueryFailed',
    message: 'INTERNAL Error: Information loss on integer cast',
  });
});
