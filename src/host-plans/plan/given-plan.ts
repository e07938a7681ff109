import { isLeft } from 'fp-ts/lib/Either.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import { decodeHostOperation } from '../operations/host-operation.js';

/** Reason why a value is not a plan of operations, as far as executing it needs; null: it is one. */
export const refusedPlan = (call: string, key: string, given: unknown): InvalidArgument | null => {
  const refused = (at: string, message: string) => invalidArgument(call, `${key}${at}`, message);
  if (!isRecord(given))
    return refused('', `expected a plan that planHostOperations has made, got ${kindOf(given)}`);
  const { operations, batches } = given;
  if (!Array.isArray(operations)) return refused('.operations', `expected a list, got ${kindOf(operations)}`);
  const ids = new Set<string>();
  for (const [index, planned] of operations.entries()) {
    const at = `.operations[${index}]`;
    if (!isRecord(planned)) return refused(at, `expected an object, got ${kindOf(planned)}`);
    const decoded = decodeHostOperation(planned.operation, () => `${at}.operation`);
    if (isLeft(decoded)) {
      const [first] = decoded.left;
      return refused(first?.key ?? at, first?.message ?? 'expected an operation');
    }
    if (!isListOfTexts(planned.depends_on))
      return refused(`${at}.depends_on`, `expected a list of ids, got ${kindOf(planned.depends_on)}`);
    ids.add(decoded.right.id);
  }
  if (!Array.isArray(batches) || !batches.every(isListOfTexts))
    return refused('.batches', 'expected a list of lists of ids');
  const batched = batches.flat();
  return batched.length === ids.size && batched.every((id) => ids.has(id))
    ? null
    : refused('.batches', 'expected each operation once');
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isListOfTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
