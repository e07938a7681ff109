import type { QueryTable } from '../../ports/query-engine.js';
import type { ContentTable } from '../../queries/content-table.js';
import { linked } from '../../queries/watched-contents.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { outgoingContent } from './outgoing-content.js';

/** A table as the engine reads it; `onFailure` is told of an error of the pond, which the engine does not pass on. */
export const readableTable = (
  { terminal }: Pick<Invocation, 'terminal'>,
  table: ContentTable,
  onFailure: (error: CliError) => void = () => undefined,
): QueryTable => ({
  ...table,
  contents: table.contents.map((content) =>
    content.file === undefined
      ? linked(content, outgoingContent(content, { signal: terminal.interrupt, onFailure }))
      : { file: content.file },
  ),
});
