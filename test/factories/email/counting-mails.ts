import { right } from 'fp-ts/lib/Either.js';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';
import { smtpReceiver } from '../../support/receivers/smtp-receiver.js';

/** Commits whose check fails for a while, again and again, for as long as chance has it; `seed` decides. */
export const outcomesOf = (commits: number, seed: number): readonly boolean[] => {
  let state = seed % 2 ** 31;
  const chance = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const outcomes: boolean[] = [];
  let isGood = true;
  for (let commit = 0; commit < commits; commit += 1) {
    if (chance() < 0.1) isGood = !isGood;
    outcomes.push(isGood);
  }
  return outcomes;
};

/** Mails that these outcomes are worth: one when failing begins, one when it has ended. */
export const mailsFor = (outcomes: readonly boolean[]): readonly string[] =>
  outcomes.flatMap((isGood, index) =>
    isGood === (outcomes[index - 1] ?? true) ? [] : [isGood ? 'recovered' : 'failed'],
  );

const CHECK = 'factory: check\nretry: { max_attempts: 1 }\nconfig: {}\n';

/** Makes a commit for each outcome, beside an entry that mails; returns what mails there were, by subject and id. */
export const mailsOf = async (
  outcomes: readonly boolean[],
): Promise<readonly { readonly what: string; readonly id: string }[]> => {
  const server = await smtpReceiver({ hideSTARTTLS: true });
  let isGood = true;
  const check: ExecutableFactory<unknown> = {
    name: 'check',
    description: 'Fails while it is told to.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: { decode: (input: unknown) => right(input) },
    execute:
      ({ path }) =>
      async () =>
        isGood
          ? right(undefined)
          : {
              _tag: 'Left',
              left: { _tag: 'FactoryFailed', path, factory: 'check', message: 'bad', retryable: false },
            },
  };
  const { promises: pond } = await createMemoryPond({ factories: [check], trust: 'all' });
  try {
    const smtp = `smtp://127.0.0.1:${server.port}?starttls=never`;
    await pond.write(
      async ({ fs }) => {
        await fs.mkdirAll('/etc/system.d');
        await fs.write('/etc/system.d/10-check.yaml', Buffer.from(CHECK));
        const mail = { smtp, from: 'pond@example.org', to: 'you@example.org' };
        await fs.write(
          '/etc/system.d/20-mail.yaml',
          Buffer.from(`factory: email\ndepends_on: [10-check.yaml]\nconfig: ${JSON.stringify(mail)}\n`),
        );
      },
      { postCommit: false },
    );
    for (const [index, outcome] of outcomes.entries()) {
      isGood = outcome;
      await pond.write(({ fs }) => fs.write('/state', Buffer.from(`${index}`)));
    }
    return server.mails().map(({ parsed }) => ({
      what: /has recovered/.test(parsed.subject ?? '') ? 'recovered' : 'failed',
      id: parsed.messageId ?? '',
    }));
  } finally {
    await pond.close();
    await server.close();
  }
};
