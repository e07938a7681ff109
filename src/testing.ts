/**
 * Parts for tests, `pond-steward/testing`: a pond in memory, a filesystem that fails when it is told to, a clock to set,
 * and what records log lines and spans.
 *
 * @packageDocumentation
 */
export type { FaultRule, MemoryCall } from './adapters/memory/file-system/faults.js';
export { cutPowerAt, failAt, PowerCut } from './adapters/memory/file-system/faults.js';
export type {
  MemoryFileSystem,
  MemoryFileSystemOptions,
} from './adapters/memory/file-system/memory-file-system.js';
export { createMemoryFileSystem } from './adapters/memory/file-system/memory-file-system.js';
export type { PowerLoss, Unsynced, UnsyncedFile } from './adapters/memory/file-system/power-loss.js';
export { loseNothing } from './adapters/memory/file-system/power-loss.js';
export type { LogLine, RecordingLogger } from './adapters/memory/recording-logger.js';
export { recordingLogger } from './adapters/memory/recording-logger.js';
export type { RecordedSpan, RecordingTelemetry } from './adapters/memory/recording-telemetry.js';
export { recordingTelemetry } from './adapters/memory/recording-telemetry.js';
export type { SettableClock } from './adapters/memory/settable-clock.js';
export { settableClock } from './adapters/memory/settable-clock.js';
export type { MemoryPond, MemoryPondOptions } from './memory-pond.js';
export { createMemoryPond } from './memory-pond.js';
export type * from './pond-types.js';
export type { AppendLog, AppendLogs } from './ports/append-log.js';
export type { Clock } from './ports/clock.js';
export type {
  AccessRight,
  CallFailed,
  EntryStat,
  FileStat,
  FileSystem,
  FileSystemError,
  HostFileSystem,
  NewContent,
  NewFile,
  Owner,
} from './ports/file-system.js';
export type { Span, SpanStart, Telemetry } from './ports/telemetry.js';
export * from './ports/telemetry-names.js';
export type {
  Promised,
  PromisedReader,
  PromisedRecord,
  PromisedSteward,
  PromisedWriter,
} from './promised-steward.js';
