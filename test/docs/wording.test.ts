// The part of the wording that a program can check; docs/contributing.md has all of it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const sourcesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? sourcesBelow(path) : /\.(ts|mjs|cjs)$/.test(path) ? [path] : [];
  });

const SOURCES = ['src', 'test', 'property-tests'].flatMap(sourcesBelow);

interface Piece {
  readonly kind: 'doc comment' | 'comment' | 'message';
  readonly text: string;
  /** Place in the file's text. */
  readonly at: number;
}

const MESSAGES: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.StringLiteral,
  ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ts.SyntaxKind.TemplateHead,
  ts.SyntaxKind.TemplateMiddle,
  ts.SyntaxKind.TemplateTail,
]);

/** Literals of a source file, and the comments before its statements, members and values, as the compiler sees them. */
const piecesOf = (code: string): readonly Piece[] => {
  const source = ts.createSourceFile('piece.ts', code, ts.ScriptTarget.Latest);
  const comments = new Map<number, Piece>();
  const messages: Piece[] = [];
  const seen = new Set<number>();
  const visit = (node: ts.Node): void => {
    const known = seen.has(node.pos);
    seen.add(node.pos);
    for (const { pos, end } of known ? [] : (ts.getLeadingCommentRanges(code, node.pos) ?? [])) {
      const text = code.slice(pos, end);
      const kind = text.startsWith('/**') ? 'doc comment' : 'comment';
      comments.set(pos, { kind, text: text.replace(/^\/(\*\*?|\/)|\*\/$|^\s*\* ?/gm, '').trim(), at: pos });
    }
    if (MESSAGES.has(node.kind)) messages.push({ kind: 'message', text: node.getText(source), at: node.pos });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return [...comments.values(), ...messages];
};

/** Words with which no sentence about a thing begins: what follows them hangs on something that is not there. */
const HEADLESS =
  /^(Of|Who|Whose|Whom|Whoever|Whatever|Under|By|In|As|At|From|With|Without|For|To|On|So|Not|Then|Among|Between|Below|Above|Inside|Onto|Into|Within|Until|Since|When|Which|Told|Asked|Because|Near|Before|After|Beside|Here|Neither|Already|While|Through)\b/;

/** Words with which a clause begins. What is documented for others begins with what it is; tests may say it shorter. */
const CLAUSE = /^(What|How|Where|Why|That|Whether)\b/;

const NO_FOR_NOT_A =
  /(?<!\b([Tt]here|where there|[Tt]hat there) )\b(is|are|was|were) no (?!longer|more\b|less\b|use\b)/;

const complaintsAbout = ({ kind, text }: Piece, inTests: boolean): readonly string[] => [
  ...(kind === 'doc comment' && (HEADLESS.test(text) || (!inTests && CLAUSE.test(text)))
    ? ['begins with neither a noun nor a verb']
    : []),
  ...(NO_FOR_NOT_A.test(text) ? ['says "is no" for "is not a"'] : []),
  ...(/\banew\b/.test(text) ? ['says "anew" for "again"'] : []),
  ...(kind !== 'message' && /\btexts\b/.test(text) ? ['says "texts" for "strings"'] : []),
  ...(kind === 'doc comment' && /(^|[,;.] (and )?|\bthat )[Aa]nswers\b/.test(text)
    ? ['says "answers" for "returns"']
    : []),
];

/** Code without any of it has nothing to complain of; most files need not be parsed. */
const SUSPICIOUS = new RegExp(
  `/\\*\\*[\\s*]*(${[HEADLESS, CLAUSE].map(({ source }) => source.slice(1)).join('|')})|\\b(is|are|was|were) no |\\banew\\b|\\btexts\\b|\\b[Aa]nswers\\b`,
);

const complaintsOf = (code: string, inTests = false): readonly string[] =>
  (SUSPICIOUS.test(code) ? piecesOf(code) : []).flatMap((piece) =>
    complaintsAbout(piece, inTests).map((complaint) => {
      const line = code.slice(0, piece.at).split('\n').length;
      return `${line}: ${piece.kind} ${complaint}: ${piece.text.split('\n')[0]}`;
    }),
  );

/** This file says what it forbids. */
const HERE = 'test/docs/wording.test.ts';

test('comments and messages are in the words that the contributing page asks for', () => {
  const complaints = SOURCES.filter((path) => path !== HERE).flatMap((path) =>
    complaintsOf(readFileSync(path, 'utf8'), !path.startsWith('src')).map(
      (complaint) => `${path}:${complaint}`,
    ),
  );
  expect(complaints).toEqual([]);
});

test.each([
  ['/** Of the log. */ const a = 1;', 'neither a noun'],
  ['/** Who an entry is. */ const a = 1;', 'neither a noun'],
  ['/** What an entry says. */ const a = 1;', 'neither a noun'],
  ["const a = path + ' is no pond';", '"is no"'],
  ["const a = 'the plan, computed anew';", '"anew"'],
  ['// Paths are texts.\nconst a = 1;', '"texts"'],
  ['/** Reads the log; answers its head. */ const a = 1;', '"answers"'],
])('it is noticed in %s', (code, complaint) => {
  expect(complaintsOf(code).join()).toContain(complaint);
});

test('what is said rightly is left alone', () => {
  const code =
    "/** Head of the log; null where there is no log, or it is no longer read. */ const a = 'there is no pond';";
  expect(complaintsOf(code)).toEqual([]);
});
