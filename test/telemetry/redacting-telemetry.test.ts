import { expect, test } from 'vitest';
import { redactor } from '../../src/domain/secrets/redactor.js';
import { SPAN } from '../../src/ports/telemetry-names.js';
import { redactingTelemetry } from '../../src/telemetry/redacting-telemetry.js';
import { memoryTelemetry } from './memory-telemetry.js';

const SECRET = 'correct-horse-battery-staple';

test('a secret is taken out of whatever a span says, and what the caller has given stays as it was', () => {
  const { telemetry, ended } = memoryTelemetry();
  const { startSpan } = redactingTelemetry(telemetry, redactor([SECRET]));
  const given = { 'task.id': '1.1', 'task.config_path': `/etc/${SECRET}`, 'task.attempt': 1 };

  const span = startSpan({ name: SPAN.operation, parent: null, attributes: given });
  span.set({ plain: 'as it is', token: `Bearer ${SECRET}` });
  span.event(`sent ${SECRET}`, { header: SECRET, size: 3 });
  span.fail(`refused: ${SECRET}`);
  span.end();

  const [recorded] = ended();
  expect(recorded?.attributes).toEqual({
    'task.id': '1.1',
    'task.config_path': '/etc/***',
    'task.attempt': 1,
    plain: 'as it is',
    token: 'Bearer ***',
  });
  expect(recorded?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
    ['sent ***', { header: '***', size: 3 }],
    ['exception', { 'exception.type': 'Error', 'exception.message': 'refused: ***' }],
  ]);
  expect(recorded?.status.message).toBe('refused: ***');
  expect(given['task.config_path']).toBe(`/etc/${SECRET}`);
});
