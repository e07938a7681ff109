import ts from 'typescript';

/** The signatures of what an entry point exports, as a program that writes them down. */
export interface Namings {
  /** Names of the functions, those in exported records as `Steward.open`. */
  readonly functions: readonly string[];
  /** Names that a signature needs and the entry point does not export: `name: Type`. */
  readonly unnamed: readonly string[];
  /** A module that assigns each function to a variable of its written signature. */
  readonly text: string;
}

/** What signatures may name beside what the entry point exports: other packages' types have names of their own there. */
const OTHERS = `import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Either } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type { IO } from 'fp-ts/lib/IO.js';
import type * as t from 'io-ts';
import type { Type } from 'io-ts';
import type { TypeOf } from 'io-ts';
`;

const FLAGS = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.WriteArrowStyleSignature;

/** Prints the signatures of the exported functions of declaration files, given with what the package calls each. */
export const namingsOf = (files: Readonly<Record<string, string>>): readonly Namings[] => {
  const program = ts.createProgram(Object.keys(files), {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    exactOptionalPropertyTypes: true,
  });
  return Object.entries(files).map(([file, from]) => namingsIn(program, file, from));
};

const namingsIn = (program: ts.Program, file: string, from: string): Namings => {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (source === undefined || module === undefined) throw new Error(`${file} is not a module`);
  const exported = checker.getExportsOfModule(module);
  const names = new Set(exported.map(({ name }) => name));

  const functions: { readonly name: string; readonly written: string }[] = [];
  const unnamed = new Set<string>();
  const add = (name: string, type: ts.Type, isOptional = false) => {
    if (type.getCallSignatures().length === 0) return;
    const written = checker.typeToString(type, undefined, FLAGS);
    functions.push({ name, written: isOptional ? `(${written}) | undefined` : written });
    for (const signature of type.getCallSignatures()) {
      for (const missing of missingIn(checker, signature, source, names)) unnamed.add(`${name}: ${missing}`);
    }
  };
  for (const symbol of exported) {
    if ((symbol.flags & ts.SymbolFlags.Value) === 0) continue;
    const type = checker.getTypeOfSymbolAtLocation(symbol, source);
    add(symbol.name, type);
    for (const member of checker.getPropertiesOfType(type)) {
      if (type.getCallSignatures().length === 0 && type.getConstructSignatures().length === 0) {
        const isOptional = (member.flags & ts.SymbolFlags.Optional) !== 0;
        const whole = checker.getTypeOfSymbolAtLocation(member, source);
        add(`${symbol.name}.${member.name}`, checker.getNonNullableType(whole), isOptional);
      }
    }
  }
  return {
    functions: functions.map(({ name }) => name),
    unnamed: [...unnamed],
    text: textOf(functions, exported, from),
  };
};

/** The names of this file's types that a signature mentions at any depth of what is written, and nobody can import. */
const missingIn = (
  checker: ts.TypeChecker,
  signature: ts.Signature,
  source: ts.SourceFile,
  names: ReadonlySet<string>,
): readonly string[] => {
  const written = [
    ...signature.getParameters().map((parameter) => checker.getTypeOfSymbolAtLocation(parameter, source)),
    signature.getReturnType(),
  ];
  const missing: string[] = [];
  for (const type of written) {
    const symbols = [type.aliasSymbol, type.getSymbol()].filter((symbol) => symbol !== undefined);
    for (const symbol of symbols) {
      const isOurs = symbol.declarations?.some((declaration) => declaration.getSourceFile() === source);
      const isNamed = !symbol.name.startsWith('__') && (symbol.flags & ts.SymbolFlags.TypeParameter) === 0;
      if (isOurs && isNamed && !names.has(symbol.name)) missing.push(symbol.name);
    }
  }
  return missing;
};

const textOf = (
  functions: readonly { readonly name: string; readonly written: string }[],
  exported: readonly ts.Symbol[],
  from: string,
): string => {
  const mentioned = new Set(functions.flatMap(({ written }) => written.match(/\b[A-Za-z]\w*\b/g) ?? []));
  const types = exported
    .filter(({ name, flags }) => mentioned.has(name) && (flags & ts.SymbolFlags.Type) !== 0)
    .map(({ name }) => name);
  const others = OTHERS.split('\n').filter((line) => {
    const name = /(?:\{|\* as) (\w+) /.exec(line)?.[1] ?? '';
    return mentioned.has(name) && !types.includes(name);
  });
  return [
    `import * as surface from '${from}';`,
    `import type { ${types.join(', ')} } from '${from}';`,
    ...others,
    ...functions.map(({ name, written }, at) => `export const written${at}: ${written} = surface.${name};`),
    '',
  ].join('\n');
};
