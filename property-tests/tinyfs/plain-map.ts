import { fromNames, isWithin, nameOf, type PondPath, parentOf } from '../../src/domain/paths/pond-path.js';
import type { Change } from '../../src/domain/tree/change.js';
import type { EntryType } from '../../src/domain/tree/node-row.js';

/** A node of the model. Its number stays when it is renamed; `edits` counts the contents that it was given. */
export interface ModelNode {
  readonly id: number;
  readonly entryType: EntryType;
  readonly text: string;
  readonly edits: number;
}

/** What TinyFS is said to behave like: a map from paths to nodes. Every call returns whether it was done. */
export class PlainMap {
  private constructor(
    private readonly nodes: Map<string, ModelNode>,
    private readonly counter: { next: number },
  ) {}

  static empty(): PlainMap {
    return new PlainMap(new Map(), { next: 1 });
  }

  copy(): PlainMap {
    return new PlainMap(new Map(this.nodes), this.counter);
  }

  entries(): readonly (readonly [string, ModelNode])[] {
    return [...this.nodes].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  }

  paths(): readonly PondPath[] {
    return this.entries().map(([path]) => asPath(path));
  }

  mkdir(path: PondPath): boolean {
    if (this.isDirectory(this.real(path, true))) return true;
    const place = this.real(path, false);
    return place !== null && !this.nodes.has(place) && this.add(place, 'directory', '');
  }

  write(path: PondPath, text: string): boolean {
    return this.put(path, 'file', () => text);
  }

  append(path: PondPath, text: string): boolean {
    return this.put(path, 'series', (before) => before + text);
  }

  symlink(target: string, path: PondPath): boolean {
    const place = this.real(path, false);
    return place !== null && place !== '/' && !this.nodes.has(place) && this.add(place, 'symlink', target);
  }

  remove(path: PondPath, recursive: boolean): boolean {
    const place = this.real(path, false);
    if (place === null || !this.nodes.has(place)) return false;
    const below = this.below(place);
    if (below.length > 0 && !recursive) return false;
    for (const doomed of [place, ...below]) this.nodes.delete(doomed);
    return true;
  }

  rename(from: PondPath, to: PondPath): boolean {
    const source = this.real(from, false);
    const node = source === null ? undefined : this.nodes.get(source);
    const itself = this.real(to, false);
    if (source === null || node === undefined || itself === null) return false;
    if (itself === source) return true;
    const led = this.real(to, true);
    const target = led !== null && this.isDirectory(led) ? join(led, nameOf(source)) : itself;
    if (target === source) return true;
    if (node.entryType === 'directory' && isWithin(source, target)) return false;
    const replaced = this.nodes.get(target);
    if (
      replaced !== undefined &&
      (replaced.entryType !== node.entryType || replaced.entryType === 'directory')
    )
      return false;
    const moved = [source, ...this.below(source)].map((path) => [path, this.nodes.get(path)] as const);
    for (const [path] of moved) this.nodes.delete(path);
    for (const [path, each] of moved)
      if (each !== undefined) this.nodes.set(target + path.slice(source.length), each);
    return true;
  }

  /** The difference of two states, node by node. */
  static difference(before: PlainMap, after: PlainMap): readonly Change[] {
    const was = new Map(before.entries().map(([path, node]) => [node.id, { path, node }]));
    const is = new Map(after.entries().map(([path, node]) => [node.id, { path, node }]));
    const changes: Change[] = [];
    for (const [id, { path, node }] of was)
      if (!is.has(id)) changes.push({ kind: 'deleted', path: asPath(path), entryType: node.entryType });
    for (const [id, { path, node }] of is) {
      const { entryType } = node;
      const old = was.get(id);
      if (old === undefined) changes.push({ kind: 'created', path: asPath(path), entryType });
      else {
        if (old.path !== path)
          changes.push({ kind: 'renamed', path: asPath(path), from: asPath(old.path), entryType });
        if (old.node.edits !== node.edits) changes.push({ kind: 'modified', path: asPath(path), entryType });
      }
    }
    return changes;
  }

  private put(path: PondPath, entryType: EntryType, edit: (before: string) => string): boolean {
    const place = this.real(path, true);
    if (place === null || this.isDirectory(place)) return false;
    const node = this.nodes.get(place);
    if (node === undefined) return this.add(place, entryType, edit(''));
    if (node.entryType !== entryType) return false;
    const text = edit(node.text);
    // A file that has that content already stays as it is.
    if (entryType === 'file' && text === node.text) return true;
    this.nodes.set(place, { ...node, text, edits: node.edits + 1 });
    return true;
  }

  private add(place: string, entryType: EntryType, text: string): boolean {
    this.nodes.set(place, { id: this.counter.next, entryType, text, edits: 1 });
    this.counter.next += 1;
    return true;
  }

  private below(place: string): readonly string[] {
    return [...this.nodes.keys()].filter((path) => path.startsWith(`${place}/`));
  }

  private isDirectory(place: string | null): boolean {
    return place === '/' || (place !== null && this.nodes.get(place)?.entryType === 'directory');
  }

  /** Where a path really leads; null when a directory on the way is missing. Targets of links are absolute here. */
  private real(path: string, follow: boolean, links = 0): PondPath | null {
    if (path === '/') return asPath('/');
    const directory = this.real(parentOf(asPath(path)), true, links);
    if (directory === null || !this.isDirectory(directory)) return null;
    const place = join(directory, nameOf(asPath(path)));
    const node = this.nodes.get(place);
    if (!follow || node?.entryType !== 'symlink') return place;
    return links > 12 ? null : this.real(node.text, true, links + 1);
  }
}

const join = (directory: string, name: string): PondPath =>
  asPath(directory === '/' ? `/${name}` : `${directory}/${name}`);

const asPath = (path: string): PondPath => fromNames(path.split('/').filter((name) => name !== ''));
