// The reference of the library: for each entry point a page with what its doc comments say, made of the declarations
// that are shipped. What two entry points export alike is described on the first one's page.

import ts from 'typescript';

/** Lines of a doc comment without its stars. */
const linesOf = (comment) =>
  comment
    .replace(/^\/\*\*/, '')
    .replace(/\*\/$/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd());

/** What a doc comment says, and its examples; null: there is none. */
const docOf = (node, source) => {
  const [comment] = (node.jsDoc ?? []).slice(-1);
  if (comment === undefined) return null;
  const [prose = '', ...examples] = linesOf(comment.getText(source))
    .join('\n')
    .split(/^\s*@example\b/m);
  return { prose: prose.trim(), examples: examples.map((example) => example.trim()) };
};

const anchor = (name) => name.toLowerCase();

/** Text of a doc comment as Markdown: what it links to is on this page, or on another one. */
const withLinks = (text, pageOf) =>
  text.replace(/\{@link\s+([\w.]+)(?:\s*\|\s*([^}]*))?\}/g, (_, target, words) => {
    const [name] = target.split('.');
    const page = pageOf(name);
    const shown = words?.trim() ?? `\`${target}\``;
    return page === undefined ? shown : `[${shown}](${page}#${anchor(name)})`;
  });

const code = (text) => `\`\`\`ts\n${text}\n\`\`\``;

const isFunction = (member) =>
  ts.isMethodSignature(member) ||
  (ts.isPropertySignature(member) && member.type !== undefined && ts.isFunctionTypeNode(member.type));

/** Whether it is a field that is a record itself. */
const isPart = (node) => ts.isPropertySignature(node);

/** The functions among the members of a declaration, at any depth, that nothing is said about. */
const silentFunctions = (node, source, path) => {
  const found = [];
  const visit = (child, within) => {
    if (isFunction(child)) {
      if (docOf(child, source) === null) found.push(`${within}.${child.name.getText(source)}`);
      return;
    }
    ts.forEachChild(child, (below) =>
      visit(below, isPart(child) ? `${within}.${child.name.getText(source)}` : within),
    );
  };
  visit(node, path);
  return found;
};

/** The record that a constant is, where each member has a doc comment of its own. */
const membersOf = (declaration) => {
  const type = ts.isVariableStatement(declaration)
    ? declaration.declarationList.declarations[0]?.type
    : undefined;
  const isRecord = type !== undefined && ts.isTypeLiteralNode(type) && type.members.every(isFunction);
  return isRecord ? type.members : [];
};

const nameOf = (declaration, source) =>
  (ts.isVariableStatement(declaration)
    ? declaration.declarationList.declarations[0]?.name
    : declaration.name
  )?.getText(source);

/** The declaration as the page shows it. `depth`: how deep it stands in its file. */
const written = (declaration, source, depth = 0) =>
  declaration
    .getText(source)
    .replace(/^export declare /, '')
    .replace(/^ {4,}/gm, (spaces) => ' '.repeat(spaces.length / 2 - 2 * depth));

const describe = (doc, declaration, pageOf) =>
  [
    ...(doc === null || doc.prose === '' ? [] : [withLinks(doc.prose, pageOf)]),
    code(declaration),
    ...(doc?.examples ?? []).map(code),
  ].join('\n\n');

const sectionOf = (name, declaration, source, pageOf) => {
  const members = membersOf(declaration);
  const doc = docOf(declaration, source);
  if (members.length === 0) {
    return `### ${name}\n\n${describe(doc, written(declaration, source), pageOf)}`;
  }
  const parts = members.map((member) => {
    const title = `${name}.${member.name.getText(source)}`;
    return `#### ${title}\n\n${describe(docOf(member, source), written(member, source, 1), pageOf)}`;
  });
  return [`### ${name}`, withLinks(doc?.prose ?? '', pageOf), ...parts].join('\n\n');
};

/** What an entry point's declaration file exports, in its order: `{ name, declaration }`. */
const exportsOf = (source) =>
  source.statements
    .filter((statement) => statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    .map((declaration) => ({ name: nameOf(declaration, source), declaration }))
    .filter(({ name }) => name !== undefined);

/** The first doc comment of the file, which is about all of it. */
const introduction = (text) => {
  const comment = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
  return comment.includes('@packageDocumentation')
    ? linesOf(comment)
        .filter((line) => !line.includes('@packageDocumentation'))
        .join('\n')
        .trim()
    : '';
};

const isType = ({ declaration }) =>
  ts.isInterfaceDeclaration(declaration) || ts.isTypeAliasDeclaration(declaration);

/** What an entry point shows, and which of it is described here: all that no page before has in the same words. */
const readEntry = ({ name, importedAs, text }, described) => {
  const source = ts.createSourceFile(`${name}.d.ts`, text, ts.ScriptTarget.ES2022, true);
  const items = exportsOf(source).map((item) => ({
    ...item,
    plain: item.declaration.getFullText(source).trim(),
    before: described.get(item.name),
  }));
  const isElsewhere = ({ before, plain }) => before?.plain === plain;
  return {
    name,
    importedAs,
    text,
    source,
    own: items.filter((item) => !isElsewhere(item)),
    elsewhere: items.filter(isElsewhere),
  };
};

const undocumentedIn = ({ importedAs, source, own }) =>
  own.flatMap(({ name, declaration }) => [
    ...(docOf(declaration, source) === null ? [`${importedAs}: ${name}`] : []),
    ...silentFunctions(declaration, source, `${importedAs}: ${name}`),
  ]);

const pageOfEntry = ({ name, importedAs, text, source, own, elsewhere }) => {
  const places = new Map([
    ...elsewhere.map((item) => [item.name, item.before.page]),
    ...own.map((item) => [item.name, '']),
  ]);
  const pageOf = (target) => places.get(target);
  const sections = (title, items) =>
    items.length === 0
      ? []
      : [`## ${title}`, ...items.map((item) => sectionOf(item.name, item.declaration, source, pageOf))];
  const links = elsewhere.map((item) => `[\`${item.name}\`](${item.before.page}#${anchor(item.name)})`);
  const parts = [
    `# ${importedAs}`,
    withLinks(introduction(text), pageOf),
    `Made of the doc comments by \`npm run api\`; [the report](${name}.api.md) is the same without them.`,
    ...sections(
      'Functions and values',
      own.filter((item) => !isType(item)),
    ),
    ...sections('Types', own.filter(isType)),
    ...(links.length === 0 ? [] : ['## Described with another entry point', links.join(',\n')]),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
};

/**
 * Makes the pages, by file name, and says what lacks a doc comment: an export, or a function in an exported record.
 * `entries`: the entry points in order, each with the name of its page, what importers call it, and its declarations.
 */
export const referenceOf = (entries) => {
  const described = new Map();
  const pages = new Map();
  const undocumented = [];
  for (const entry of entries) {
    const read = readEntry(entry, described);
    for (const { name, plain, before } of read.own) {
      if (before === undefined) described.set(name, { plain, page: `${entry.name}.md` });
    }
    undocumented.push(...undocumentedIn(read));
    pages.set(`${entry.name}.md`, pageOfEntry(read));
  }
  return { pages, undocumented };
};
