import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { Scalar } from '../rules.js';
import { oneOf } from './key-fault.js';
import { PondFile, ScalarList, Text } from './small-codecs.js';

/** One of dbt's own tests. */
export type DbtTest =
  | { readonly name: 'not_null' }
  | { readonly name: 'unique' }
  | { readonly name: 'accepted_values'; readonly values: readonly Scalar[] }
  | { readonly name: 'relationships'; readonly to: string; readonly field: string };

const Bare = oneOf(['not_null', 'unique']);
const WithArguments = exactType(
  'a test with arguments',
  {},
  {
    accepted_values: exactType('accepted_values', { values: ScalarList }, {}),
    relationships: exactType('relationships', { to: PondFile, field: Text }, {}),
  },
);

/** A test as it stands in a list: `not_null`, or a mapping of its name to its arguments. */
const DbtTestCodec = new t.Type<DbtTest, unknown>(
  'one of not_null, unique, accepted_values, relationships',
  (_): _ is DbtTest => false,
  (input, context) => {
    if (typeof input === 'string') {
      const bare = Bare.validate(input, context);
      return bare._tag === 'Left' ? bare : t.success({ name: bare.right });
    }
    const decoded = WithArguments.validate(input, context);
    if (decoded._tag === 'Left') return decoded;
    const { accepted_values, relationships } = decoded.right;
    if (accepted_values !== undefined && relationships === undefined)
      return t.success({ name: 'accepted_values', ...accepted_values });
    if (relationships !== undefined && accepted_values === undefined)
      return t.success({ name: 'relationships', ...relationships });
    return t.failure(input, context, 'expected one test, accepted_values or relationships');
  },
  (test) => test,
);

export const DbtTests = t.readonlyArray(DbtTestCodec, 'a list of tests');
