import { printable, printableDeep } from '../../domain/text/printable.js';
import type { FactoryFacts } from '../../factories/registry/registry.js';

const WIDTH = 96;
const INDENT = '      ';

/** A factory for whoever wants to configure it: what it does, its keys, an example. */
export const renderFactory = (facts: FactoryFacts): readonly string[] => {
  const { name, description, kind, modes, runWhen, reference } = printableDeep(facts);
  const runs = modes.length === 0 ? '' : `, runs as ${modes.join(' or ')}`;
  return [
    `${name}: ${description}`,
    `${kind}${runs}${runWhen === undefined ? '' : `; run_when: ${runWhen} where it has depends_on`}`,
    ...(reference === undefined
      ? ['', 'It says nothing of its keys.']
      : [
          '',
          'Keys of config:',
          ...reference.keys.flatMap((key) => [
            `  ${key.name}${key.needed ? ' (needed)' : ''}`,
            ...wrapped(key.meaning),
          ]),
          '',
          `An example, as pond mknod ${name} PATH --example writes it:`,
          '',
          // Line by line: what ends a line in one text would be escaped.
          ...(facts.reference?.example ?? '').trimEnd().split('\n').map(printable),
        ]),
  ];
};

const wrapped = (text: string): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= WIDTH - INDENT.length) {
      lines.push(`${INDENT}${line}`);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, `${INDENT}${line}`];
};
