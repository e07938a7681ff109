import * as t from 'io-ts';
import { exactType } from '../../../domain/documents/exact-type.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';

const isProgram = (input: unknown): input is string =>
  typeof input === 'string' && input !== '' && !input.includes('\0');

const Program = new t.Type<string, string, unknown>(
  'a program',
  isProgram,
  (input, context) => (isProgram(input) ? t.success(input) : t.failure(input, context)),
  (program) => program,
);

const isText = (input: unknown): input is string => typeof input === 'string' && !input.includes('\0');

/** Limits of what a program can be handed: the system ends a string at its first NUL. */
const Text = new t.Type<string, string, unknown>(
  'string',
  isText,
  (input, context) =>
    isText(input)
      ? t.success(input)
      : typeof input === 'string'
        ? t.failure(input, context, 'a NUL character ends a string: no program can be handed it')
        : t.failure(input, context),
  (text) => text,
);

const Arguments = t.readonlyArray(Text, 'a list of strings');

/** A list with a program first, then its arguments. */
const Run = new t.Type<readonly [string, ...string[]], readonly string[], unknown>(
  'a list of strings, a program first',
  (input): input is [string, ...string[]] => Arguments.is(input) && isProgram(input[0]),
  (input, context) => {
    if (!Array.isArray(input)) return t.failure(input, context);
    if (input.length === 0) return t.failure(input, context, 'expected a program, got an empty list');
    const [first, ...rest] = input;
    const program = Program.validate(first, t.appendContext(context, '0', Program, first));
    if (program._tag === 'Left') return program;
    const checked = rest.map((item, index) =>
      Text.validate(item, t.appendContext(context, String(index + 1), Text, item)),
    );
    const errors = checked.flatMap((item) => (item._tag === 'Left' ? item.left : []));
    const items = checked.flatMap((item) => (item._tag === 'Right' ? [item.right] : []));
    return errors.length > 0 ? t.failures(errors) : t.success([program.right, ...items]);
  },
  (run) => run,
);

const Texts = t.record(t.string, Text, 'a mapping of names to strings');

/** Names that every shell passes on: others are silently dropped by some, so they are refused (io-ts's record would drop them, too). */
const Variables = new t.Type<Readonly<Record<string, string>>, unknown, unknown>(
  Texts.name,
  (input): input is Readonly<Record<string, string>> =>
    Texts.is(input) && Object.keys(input).every(isVariableName),
  (input, context) => {
    const texts = Texts.validate(input, context);
    if (texts._tag === 'Left') return texts;
    const errors = Object.entries(texts.right)
      .filter(([name]) => !isVariableName(name))
      .map(([key, value]) => ({
        value,
        context: [...context, { key, type: t.never, actual: value }],
        message: 'names of variables are made of letters, digits and _',
      }));
    return errors.length > 0 ? t.failures(errors) : texts;
  },
  (variables) => variables,
);

const isVariableName = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** The configuration of the `command` factory. */
export const CommandConfig = exactType(
  'command configuration',
  { run: Run },
  { shell: t.boolean, cwd: Text, env: Variables },
);

export type CommandConfig = t.TypeOf<typeof CommandConfig>;

/** Reference that `pond factories command` prints. */
export const commandReference: FactoryReference = referenceOf(CommandConfig, {
  meanings: {
    run: 'the program and its arguments, a list; the commit is JSON on its standard input and in POND_... variables',
    shell: 'true: the first of run is a script for /bin/sh, and the rest are its $1, $2 ...; default false',
    cwd: "the directory that it runs in, absolute or below the pond's; default: the pond's directory",
    env: 'more environment variables; secrets as $' + '{env:NAME}',
  },
  example: `# Rebuilds a report after every commit that changes something below /in.
factory: command
enabled: false # take this line out once the rest is what you want
description: rebuild the report
condition: { path_pattern: "/in/**" }
timeout: 5m
retry: { max_attempts: 3, initial_interval: 10s }
config:
  run: [./bin/report, --fast]
  env: { REPORT_TOKEN: "\${env:REPORT_TOKEN}" }
`,
});
