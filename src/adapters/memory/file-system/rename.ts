import { change } from './changes.js';
import { isEmpty, isMountPoint, release, removable } from './entries.js';
import { begin, type Call, demand, type Kernel, refuse, SEARCH, WRITE } from './kernel.js';
import type { Node } from './nodes.js';
import { contains, locate, type Place } from './paths.js';

/**
 * `rename(2)`: what is at `to` is replaced in one step where the kinds allow it. Two names of one file are left as
 * they are.
 */
export const rename = (kernel: Kernel, from: string, to: string): void => {
  const call = begin(kernel, { name: 'rename', path: from }, [from, to]);
  const source = locate(kernel, call, from, { follow: false });
  const target = locate(kernel, call, to, { follow: false });
  if (source.parent.device !== target.parent.device && source.name !== '' && target.name !== '') {
    refuse(call, 'EXDEV');
  }
  if (source.name === '' || target.name === '') refuse(call, 'EBUSY');
  const node = source.node ?? refuse(call, 'ENOENT');
  if (contains(node, target.parent)) refuse(call, 'EINVAL');
  if (target.node !== null && contains(target.node, source.parent)) refuse(call, 'ENOTEMPTY');
  if (target.node === node) return;
  mayReplace(kernel, call, { ...source, node }, target);
  release(target.node);
  move(kernel, call, { ...source, node }, target);
};

type Source = Place & { readonly node: Node };

const mayReplace = (kernel: Kernel, call: Call, source: Source, target: Place): void => {
  const directory = source.node.kind === 'directory';
  removable(kernel, call, source, { directory });
  if (target.node === null) demand(kernel, call, target.parent, WRITE | SEARCH);
  else removable(kernel, call, target, { directory });
  // A directory that is moved gets another parent, which is written into it.
  if (directory && source.parent !== target.parent) demand(kernel, call, source.node, WRITE);
  if (isMountPoint(source.node) || (target.node !== null && isMountPoint(target.node))) refuse(call, 'EBUSY');
  if (target.node !== null && !isEmpty(target.node)) refuse(call, 'ENOTEMPTY');
};

/**
 * A power loss leaves, within one directory and for a directory, the old or the new state. Of a file that goes to
 * another directory it may leave both names, but never none.
 */
const move = (kernel: Kernel, call: Call, { parent, name, node }: Source, target: Place): void => {
  const named = { call: call.name, path: call.path };
  const added = { directory: target.parent, name: target.name, node };
  const removed = { directory: parent, name, node: null };
  if (node.kind === 'directory') node.parent = target.parent;
  if (node.kind === 'directory' || parent === target.parent) {
    change(kernel.disk, { ...named, edits: [added, removed] }, kernel.now());
  } else {
    const first = change(kernel.disk, { ...named, edits: [added] }, kernel.now());
    change(kernel.disk, { ...named, edits: [removed] }, kernel.now(), [first]);
  }
};
