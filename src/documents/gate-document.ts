import type { GateStatus } from '../control/records/transaction-summary.js';
import type { JsonObject } from '../domain/documents/json.js';
import { isoTime } from '../domain/text/iso-time.js';
import { spanIdOf } from './task-document.js';

/** A gate as JSON shows it; a transaction without any does not speak of them. */
export const gatesDocument = (gates: readonly GateStatus[]): JsonObject =>
  gates.length === 0 ? {} : { gates: gates.map(gateDocument) };

const gateDocument = (gate: GateStatus): JsonObject => ({
  config_path: gate.configPath,
  factory_name: gate.factoryName,
  state: gate.state,
  completed_at: isoTime(gate.endedAt),
  duration_ms: gate.durationMs,
  error_message: gate.errorMessage,
  report: gate.report,
  span_id: spanIdOf(gate.traceParent),
});
