// docs/architecture.md and rooms.cjs are the same house: a floor, a room, an arrow or a joint that only one of them has
// is a failure.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

interface Floor {
  readonly arrows: Readonly<Record<string, readonly string[]>>;
  readonly joints: readonly string[];
}

interface House {
  readonly floors: Readonly<Record<string, readonly string[]>>;
  readonly rooms: Readonly<Record<string, Floor>>;
}

const root = resolve(import.meta.dirname, '../..');
const { floors, rooms }: House = createRequire(import.meta.url)('./rooms.cjs');
const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');

/** The lines below a heading, up to the next one of its level or above. */
const section = (text: string, heading: string): string => {
  const level = /^#+/.exec(heading)?.[0].length ?? 0;
  const lines = text.split('\n');
  const begin = lines.indexOf(heading);
  if (begin < 0) throw new Error(`docs/architecture.md has no heading "${heading}"`);
  const rest = lines.slice(begin + 1);
  const end = rest.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return (end < 0 ? rest : rest.slice(0, end)).join('\n');
};

const quoted = (text: string): readonly string[] =>
  [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);

/** The rows of the tables of a text: what their first cell quotes, and what their last cell does. */
const rowsOf = (text: string): readonly (readonly [string, readonly string[]])[] =>
  text.split('\n').flatMap((line) => {
    const cells = /^\|(.*)\|$/.exec(line.trim())?.[1]?.split('|') ?? [];
    const [path] = quoted(cells[0] ?? '');
    return path === undefined ? [] : [[path, quoted(cells.at(-1) ?? '')] as const];
  });

const arrowsOf = (text: string, prefix: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    rowsOf(text).map(([path, others]) => {
      if (!path.startsWith(prefix)) throw new Error(`${path} is not below ${prefix}`);
      return [path.slice(prefix.length).replace(/\.ts$/, ''), others.toSorted()];
    }),
  );

const sorted = (arrows: Floor['arrows']): Floor['arrows'] =>
  Object.fromEntries(Object.entries(arrows).map(([name, others]) => [name, others.toSorted()]));

test('the map has the floors of the rules, and each may import the same', () => {
  expect(arrowsOf(section(page, '## Floors'), 'src/')).toEqual(sorted(floors));
});

test('the map has a table for every floor with rooms, and for no other', () => {
  const headings = section(page, '## Rooms').match(/^### .*$/gm) ?? [];
  expect(headings.map((heading) => quoted(heading)[0]).toSorted()).toEqual(
    Object.keys(rooms)
      .map((floor) => `src/${floor}`)
      .toSorted(),
  );
});

describe.each(Object.entries(rooms))('the floor %s', (floor, { arrows, joints }) => {
  const text = () => section(page, `### \`src/${floor}\``);

  test('has on the map the rooms of the rules, and each may import the same', () => {
    expect(arrowsOf(text(), `src/${floor}/`)).toEqual(sorted(arrows));
  });

  test('has on the map the joints of the rules', () => {
    const line = /\bJoints: [^.]*\./.exec(text())?.[0] ?? '';
    expect(quoted(line).toSorted()).toEqual(joints.toSorted());
  });
});
