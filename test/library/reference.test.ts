// The reference is made of the declarations; what it cannot describe is a fault.

import { expect, test } from 'vitest';
import { referenceOf } from '../build/reference.mjs';

const page = (text: string, name = 'index') => ({ name, importedAs: `pond/${name}`, text });

const CLOCK = `/** Tells the time. See {@link at}. */
export declare interface Clock {
    /** Microseconds since the epoch. */
    readonly now: () => number;
}
`;

const AT = `/**
 * A {@link Clock} that stands still.
 *
 * @example
 * at(3).now();
 */
export declare const at: (time: number) => Clock;
`;

test('an export without a doc comment is a fault', () => {
  const planted = `${CLOCK}export declare const planted: string;\nexport declare type Also = string;\n`;
  expect(referenceOf([page(planted)]).undocumented).toEqual(['pond/index: planted', 'pond/index: Also']);
});

test('a function without a doc comment in an exported record is a fault, however deep it lies', () => {
  const planted = `/** A pond. */
export declare const Pond: {
    readonly open: () => void;
    readonly parts: {
        readonly close: () => void;
        /** Is described. */
        readonly read: () => void;
    };
};
/** Something with a method. */
export declare interface Maker {
    make(): void;
}
`;
  expect(referenceOf([page(planted)]).undocumented).toEqual([
    'pond/index: Pond.open',
    'pond/index: Pond.parts.close',
    'pond/index: Maker.make',
  ]);
});

test('a page shows what a doc comment says, its links, its example and the declaration with the comments in it', () => {
  const { pages, undocumented } = referenceOf([page(CLOCK + AT)]);
  expect(undocumented).toEqual([]);
  const shown = pages.get('index.md') ?? '';
  expect(shown).toContain('### at\n\nA [`Clock`](#clock) that stands still.\n');
  expect(shown).toContain('```ts\nconst at: (time: number) => Clock;\n```\n\n```ts\nat(3).now();\n```\n');
  expect(shown).toContain('### Clock\n\nTells the time. See [`at`](#at).\n');
  expect(shown).toContain('  /** Microseconds since the epoch. */\n  readonly now: () => number;\n');
});

test('what a second entry point exports alike is described once; what differs is described twice', () => {
  const other = CLOCK.replace('Tells', 'Sets');
  const { pages } = referenceOf([page(CLOCK), page(CLOCK + AT, 'same'), page(other, 'other')]);
  expect(pages.get('same.md')).not.toContain('### Clock');
  expect(pages.get('same.md')).toContain('A [`Clock`](index.md#clock) that stands still.');
  expect(pages.get('same.md')).toContain('[`Clock`](index.md#clock)\n');
  expect(pages.get('other.md')).toContain('### Clock\n\nSets the time.');
});
