import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/documents/canonical-json.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import type { HostOperation } from '../../src/host-plans/operations/host-operation.js';
import { parseHostPlanFile } from '../../src/host-plans/plan/host-plan-file.js';
import { planHostOperations } from '../../src/host-plans/plan/plan-host-operations.js';
import { everyOperation } from './machinery/scenario.js';

const batchesOf = (...operations: readonly HostOperation[]) => {
  const plan = planHostOperations(operations);
  return isRight(plan) ? plan.right.batches : plan.left;
};
const write = (id: string, path: string, replace = false): HostOperation => ({
  id,
  kind: 'FileWrite',
  path,
  content: '',
  replace,
});

describe('operations come in an order in which they can be executed', () => {
  test('a directory before what goes into it, and a link last', () => {
    expect(
      batchesOf(
        { id: 'a-link', kind: 'LinkCreate', source: '/s/v1', target: '/s/current' },
        write('b-file', '/s/v1/f'),
        { id: 'c-dir', kind: 'DirCreate', path: '/s/v1' },
      ),
    ).toEqual([['c-dir'], ['b-file'], ['a-link']]);
  });

  test('what is inside a directory before its removal', () => {
    expect(
      batchesOf(
        { id: 'a', kind: 'DirDelete', path: '/d' },
        { id: 'b', kind: 'DirDelete', path: '/d/e' },
        { id: 'c', kind: 'FileDelete', path: '/d/e/f' },
      ),
    ).toEqual([['c'], ['b'], ['a']]);
  });

  test('removing, making again, filling', () => {
    expect(
      batchesOf(
        write('a', '/d/f'),
        { id: 'b', kind: 'DirCreate', path: '/d' },
        { id: 'c', kind: 'DirRemoveAll', path: '/d' },
      ),
    ).toEqual([['c'], ['b'], ['a']]);
  });

  test('reading before removing or replacing, and after making', () => {
    expect(
      batchesOf(write('a-replaces', '/f', true), {
        id: 'b-backs-up',
        kind: 'FileBackup',
        source: '/f',
        backup: '/f.bak',
      }),
    ).toEqual([['b-backs-up'], ['a-replaces']]);
    expect(
      batchesOf(
        { id: 'a-deletes', kind: 'FileDelete', path: '/f' },
        { id: 'b-copies', kind: 'FileCopy', source: '/f', dest: '/g' },
        { id: 'c-reads', kind: 'FileCopy', source: '/g', dest: '/h' },
      ),
    ).toEqual([['b-copies'], ['a-deletes', 'c-reads']]);
  });

  test('moves in a row, as in rotating logs', () => {
    expect(
      batchesOf(
        { id: 'a', kind: 'FileMove', from: '/l.1', to: '/l.2' },
        { id: 'b', kind: 'FileMove', from: '/l.2', to: '/l.3' },
      ),
    ).toEqual([['b'], ['a']]);
  });
});

describe('no plan comes of', () => {
  test.each<[string, readonly HostOperation[], object]>([
    ['no operations', [], { _tag: 'EmptyPlan' }],
    ['two with one id', [write('a', '/x'), write('a', '/y')], { _tag: 'DuplicateId', operation: 'a' }],
    [
      'two that make one path',
      [write('a', '/x'), { id: 'b', kind: 'DirCreate', path: '/x' }],
      { _tag: 'PathClaimedTwice', path: '/x', claim: 'create', operations: ['a', 'b'] },
    ],
    [
      'two that remove one path',
      [
        { id: 'a', kind: 'FileDelete', path: '/x' },
        { id: 'b', kind: 'FileMove', from: '/x', to: '/y' },
      ],
      { _tag: 'PathClaimedTwice', path: '/x', claim: 'remove', operations: ['a', 'b'] },
    ],
    ['a path with ..', [write('a', '/x/../y')], { _tag: 'InvalidHostPath', problem: 'parent-traversal' }],
    ['a relative path', [write('a', 'x')], { _tag: 'InvalidHostPath', problem: 'not-absolute' }],
    [
      'the root',
      [{ id: 'a', kind: 'DirRemoveAll', path: '/' }],
      { _tag: 'InvalidHostPath', problem: 'root' },
    ],
    [
      'a directory copied into itself',
      [{ id: 'a', kind: 'DirCopy', source: '/d', dest: '/d/e' }],
      { _tag: 'IntoItself', from: '/d', to: '/d/e' },
    ],
    [
      'a swap',
      [
        { id: 'a', kind: 'FileMove', from: '/x', to: '/y' },
        { id: 'b', kind: 'FileMove', from: '/y', to: '/x' },
      ],
      { _tag: 'CyclicOperations', cycle: ['a', 'b', 'a'] },
    ],
  ])('%s', (_, operations, error) => {
    const plan = planHostOperations(operations);
    expect(isLeft(plan) && plan.left).toMatchObject([error]);
  });
});

test('the checksum is that of the canonical JSON of the plan', () => {
  const plan = planHostOperations(everyOperation('/tree'));
  if (isLeft(plan)) throw new Error(JSON.stringify(plan.left));
  const { checksum, ...body } = plan.right;
  expect(checksum).toBe(sha256(canonicalJson(JSON.parse(JSON.stringify(body)))));
});

test('the checksum of a plan is the one that version 0.1.0 gave it', () => {
  const plan = planHostOperations(everyOperation('/tree'));
  if (isLeft(plan)) throw new Error('no plan');
  expect(plan.right.checksum).toBe('ad2d62197501cc375f9f603602074a44bba03df99d33bbbc44cc496c2a560e72');
});

test('a key that nobody has thought of yet changes the checksum, wherever it stands', () => {
  const checksumOf = (more: object) => {
    const plan = planHostOperations([{ ...write('a', '/f'), ...more }]);
    return isRight(plan) ? plan.right.checksum : null;
  };
  const without = checksumOf({});
  expect(checksumOf({ owner: 'ann' })).not.toBe(without);
  expect(checksumOf({ zone: 'ann' })).not.toBe(checksumOf({ zone: 'bob' }));
  // A key that is undefined is one that is not there, in whatever order.
  expect(checksumOf({ zone: undefined, abc: undefined })).toBe(without);
});

test('everything that is wrong is reported at once', () => {
  const plan = planHostOperations([write('a', 'x'), write('a', '/y/'), write('b', '/z'), write('c', '/z')]);
  expect(isLeft(plan) && plan.left.map(({ _tag }) => _tag)).toEqual([
    'DuplicateId',
    'InvalidHostPath',
    'InvalidHostPath',
    'PathClaimedTwice',
  ]);
});

describe('errors of a plan file name line and key', () => {
  const errorsOf = (text: string, name = 'plan.yaml') => {
    const parsed = parseHostPlanFile(Buffer.from(text), name);
    return isLeft(parsed) ? parsed.left : [];
  };

  test('in YAML', () => {
    const text = [
      'operations:',
      '  - { id: a, kind: DirCreate, path: /x }',
      '  - id: b',
      '    kind: FileWrite',
      '    path: 7',
      '  - { id: c, kind: Explode }',
    ].join('\n');
    expect(errorsOf(text)).toMatchObject([
      { line: 5, key: 'operations[1].path' },
      { line: 6, key: 'operations[2].kind' },
    ]);
  });

  test('in JSON', () => {
    const text = '{\n "operations": [\n  { "id": "a", "kind": "LinkDelete", "goal": "/x" }\n ]\n}';
    expect(errorsOf(text, 'plan.json')).toMatchObject([
      { line: 3, key: 'operations[0].goal' },
      { line: 3, key: 'operations[0].target' },
    ]);
    expect(errorsOf('{\n\n]', 'plan.json')).toMatchObject([{ line: 3 }]);
  });

  test('and a file of more than 16 MiB is refused', () => {
    expect(errorsOf(' '.repeat(17 * 1024 * 1024))).toMatchObject([{ line: null, key: '' }]);
  });
});
