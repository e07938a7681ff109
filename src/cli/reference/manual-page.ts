import { EXIT } from '../exit-codes.js';
import type { CommandLineReference, OptionReference } from './command-reference.js';

/** The manual page, as roff: `pond man | man -l -`. */
export const manualPage = ({ commands, globals }: CommandLineReference, version: string): string =>
  [
    `.TH POND 1 "" "pond-steward ${roff(version)}" "User commands"`,
    '.SH NAME',
    'pond \\- a small data lake in a directory, and a steward that runs what follows each commit',
    '.SH SYNOPSIS',
    '.B pond',
    '.I COMMAND',
    '[ARGUMENTS] [OPTIONS]',
    '.SH COMMANDS',
    ...commands.flatMap(({ name, aliases, summary, usage, operands, options, examples }) => [
      `.SS "${roff(['pond', name, usage].join(' ').trim())}"`,
      line(
        `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.${aliases.length === 0 ? '' : ` The same: ${aliases.join(', ')}.`}`,
      ),
      ...operands.flatMap((operand) => ['.TP', `.I ${roff(operand.name)}`, line(operand.description)]),
      ...options.flatMap(optionLines),
      ...(examples.length === 0 ? [] : ['.PP', 'Examples:', '.PP', '.nf']),
      ...examples.map(([typed, does]) => line(`  pond ${typed}    # ${does}`)),
      ...(examples.length === 0 ? [] : ['.fi']),
    ]),
    '.SH OPTIONS OF EVERY COMMAND',
    ...globals.flatMap(optionLines),
    '.SH EXIT STATUS',
    ...STATUS.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, line(meaning)]),
    '.SH ENVIRONMENT',
    ...VARIABLES.flatMap(([name, meaning]) => ['.TP', `.B ${name}`, line(meaning)]),
    '',
  ].join('\n');

const optionLines = ({ flags, description }: OptionReference): readonly string[] => [
  '.TP',
  `.B ${roff(flags)}`,
  line(description),
];

const STATUS: readonly (readonly [number, string])[] = [
  [EXIT.done, 'done'],
  [EXIT.failed, 'failed'],
  [EXIT.wrongUsage, 'wrong usage, malformed paths included'],
  [EXIT.tasksFailed, 'the commit landed, but tasks failed or were rejected'],
  [EXIT.invalidConfiguration, 'invalid configuration or plan'],
  [EXIT.locked, 'the pond is locked'],
  [EXIT.unfinishedWork, 'unfinished work remains'],
  [EXIT.notTrusted, 'what would run is not approved'],
  [EXIT.refusedByGate, 'a gate refused the commit'],
  [EXIT.interrupted, 'interrupted'],
];

const VARIABLES: readonly (readonly [string, string])[] = [
  ['POND', 'the directory of the pond, or its address in a store, where --pond does not say'],
  ['POND_CONTROL', 'where the control table of a pond in a store is, where --control does not say'],
  ['POND_CACHE', 'the directory for copies of ponds in stores'],
  ['POND_STATE_DIR', 'where approvals are kept'],
  ['POND_TRUST', 'directories and addresses of ponds that are trusted in this process'],
  ['OTEL_...', 'where telemetry goes, by the standard variables of OpenTelemetry'],
  ['NO_COLOR', 'no colours'],
];

/** Text as roff has it: backslashes and hyphens are themselves. */
const roff = (text: string): string =>
  text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('"', '\\(dq').replaceAll('\n', ' ');

/** A line of text, which may not begin like a request. */
const line = (text: string): string => {
  const escaped = roff(text);
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
};
