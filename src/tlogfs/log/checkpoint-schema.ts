import type { SchemaElement } from 'hyparquet';

/*
 * The schema of a classic checkpoint (protocol, "Checkpoint Schema"): one optional struct per kind of action, one
 * of them set in each row.
 */

const text = (name: string): SchemaElement => ({
  name,
  type: 'BYTE_ARRAY',
  converted_type: 'UTF8',
  logical_type: { type: 'STRING' },
  repetition_type: 'OPTIONAL',
});
const long = (name: string): SchemaElement => ({ name, type: 'INT64', repetition_type: 'OPTIONAL' });
const integer = (name: string): SchemaElement => ({ name, type: 'INT32', repetition_type: 'OPTIONAL' });
const flag = (name: string): SchemaElement => ({ name, type: 'BOOLEAN', repetition_type: 'OPTIONAL' });

const struct = (name: string, ...fields: readonly (readonly SchemaElement[])[]): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', num_children: fields.length },
  ...fields.flat(),
];

const texts = (name: string): SchemaElement[] => [
  {
    name,
    repetition_type: 'OPTIONAL',
    num_children: 1,
    converted_type: 'LIST',
    logical_type: { type: 'LIST' },
  },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { ...text('element') },
];

const textMap = (name: string): SchemaElement[] => [
  {
    name,
    repetition_type: 'OPTIONAL',
    num_children: 1,
    converted_type: 'MAP',
    logical_type: { type: 'MAP' },
  },
  { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
  { ...text('key'), repetition_type: 'REQUIRED' },
  text('value'),
];

/** The kinds of actions in a checkpoint, each a column. */
export const CHECKPOINT_COLUMNS = ['txn', 'add', 'remove', 'metaData', 'protocol'] as const;

export const CHECKPOINT_SCHEMA: SchemaElement[] = [
  { name: 'schema', num_children: CHECKPOINT_COLUMNS.length },
  ...struct('txn', [text('appId')], [long('version')], [long('lastUpdated')]),
  ...struct(
    'add',
    [text('path')],
    textMap('partitionValues'),
    [long('size')],
    [long('modificationTime')],
    [flag('dataChange')],
    [text('stats')],
  ),
  ...struct('remove', [text('path')], [long('deletionTimestamp')], [flag('dataChange')], [long('size')]),
  ...struct(
    'metaData',
    [text('id')],
    [text('name')],
    [text('description')],
    struct('format', [text('provider')], textMap('options')),
    [text('schemaString')],
    texts('partitionColumns'),
    textMap('configuration'),
    [long('createdTime')],
  ),
  ...struct('protocol', [integer('minReaderVersion')], [integer('minWriterVersion')]),
];
