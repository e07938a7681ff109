import type { NodeRow } from '../../domain/tree/node-row.js';
import type { NodeTree } from './node-tree.js';
import type { TableFinding } from './table-finding.js';

/** Longest name of an entry, bytes of UTF-8. */
const NAME_MAX = 255;

/** Entries that are there now: each in a directory that is there, under a name of its own. */
export const checkNamespace = (tree: NodeTree): readonly TableFinding[] => {
  const findings: TableFinding[] = [];
  const named = new Map<string, NodeRow[]>();
  for (const row of tree.entries) {
    const { nodeId, version, name, partId } = row;
    const place = { path: tree.pathOf(row), nodeId, version };
    if (!isName(name)) findings.push({ _tag: 'NameInvalid', ...place, name });
    const broken = tree.brokenWay(row);
    // Of what lies below a broken way only the topmost entry is reported, and each member of a cycle.
    if (broken !== null && isWhereItBreaks(tree, row)) {
      findings.push({ _tag: 'ParentWrong', ...place, parentId: partId, problem: broken });
    }
    const key = `${partId}/${name}`;
    named.set(key, [...(named.get(key) ?? []), row]);
  }
  for (const rows of named.values()) {
    const [first] = rows;
    if (first === undefined || rows.length === 1) continue;
    const nodeIds = rows.map(({ nodeId }) => nodeId).sort();
    findings.push({ _tag: 'NameTaken', path: tree.pathOf(first), name: first.name, nodeIds });
  }
  return findings;
};

const isName = (name: string): boolean =>
  name !== '' &&
  name !== '.' &&
  name !== '..' &&
  !name.includes('/') &&
  !name.includes('\0') &&
  Buffer.byteLength(name) <= NAME_MAX;

const isWhereItBreaks = (tree: NodeTree, row: NodeRow): boolean => {
  const parent = tree.histories.get(row.partId)?.at(-1);
  return (
    parent === undefined ||
    parent.deleted ||
    parent.fileType !== 'directory' ||
    tree.brokenWay(parent) === null ||
    tree.brokenWay(row) === 'cycle'
  );
};
