import { entryDocument } from '../../documents/entry-document.js';
import { printable, printableDeep, printableJson, withOwnMarks } from '../../domain/text/printable.js';
import type { Entry } from '../../tinyfs/tinyfs.js';
import type { Terminal } from '../program.js';
import { renderEntries } from './render-entries.js';

/** Form in which entries are listed: a path a line, aligned columns, or one JSON document. */
export type ListForm = 'paths' | 'columns' | 'json';

/** A list of entries that is written as they come. */
export interface EntryList {
  /** A promise where something was written: false once nobody reads any more. */
  readonly add: (entry: Entry) => Promise<boolean> | undefined;
  readonly end: () => Promise<void>;
}

/** Characters that are written at once. What is shorter is written when it is whole: an error comes instead of it. */
const WRITTEN_AT_ONCE = 64 * 1024;
/** Entries that are aligned with each other; later columns are at least as wide. */
const ALIGNED = 4096;

/** Begins a list. Whatever its length, what is kept of it is bounded. */
export const entryList = (terminal: Pick<Terminal, 'writeOut'>, form: ListForm): EntryList => {
  const writer = FORMS[form]();
  const state = { waiting: '' };
  const write = (text: string): Promise<boolean> => terminal.writeOut(text);
  return {
    add: (entry) => {
      state.waiting += writer.add(entry);
      if (state.waiting.length < WRITTEN_AT_ONCE) return undefined;
      const text = state.waiting;
      state.waiting = '';
      return write(writer.finish(text));
    },
    end: async () => {
      const text = writer.finish(state.waiting + writer.end());
      if (text !== '') await write(text);
    },
  };
};

interface Writer {
  /** Text that can be written of the entries so far. */
  readonly add: (entry: Entry) => string;
  readonly end: () => string;
  /** Text before it is written. */
  readonly finish: (text: string) => string;
}

const paths = (): Writer => ({
  add: ({ path }) => `${printable(path)}\n`,
  end: () => '',
  finish: withOwnMarks,
});

const columns = (): Writer => {
  let entries: Entry[] = [];
  let widths: readonly number[] = [];
  const rendered = (): string => {
    const block = renderEntries(printableDeep(entries), widths);
    entries = [];
    ({ widths } = block);
    return block.lines.map((line) => `${withOwnMarks(line)}\n`).join('');
  };
  return {
    add: (entry) => {
      entries.push(entry);
      return entries.length < ALIGNED ? '' : rendered();
    },
    end: rendered,
    finish: withOwnMarks,
  };
};

/** The same document as one that is written at once, indented. */
const json = (): Writer => {
  let isFirst = true;
  return {
    add: (entry) => {
      const document = JSON.stringify(entryDocument(entry), null, 2).replaceAll('\n', '\n  ');
      const before = isFirst ? '[\n  ' : ',\n  ';
      isFirst = false;
      return before + document;
    },
    end: () => (isFirst ? '[]\n' : '\n]\n'),
    finish: printableJson,
  };
};

const FORMS: Readonly<Record<ListForm, () => Writer>> = { paths, columns, json };
