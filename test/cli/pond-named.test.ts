import { isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { TOPICS } from '../../src/cli/command-index.js';
import { readGlobalOptions } from '../../src/cli/global-options.js';
import { parseCommandLine } from '../../src/cli/parse-command-line.js';
import { ABOUT_A_POND, pondNamed } from '../../src/cli/words/pond-named.js';

/** What makes a pond, or needs none. */
const WITHOUT_A_POND = ['init', 'factories', 'restore', 'replicate', 'host'];

const named = pondNamed({ pond: '/a b' });

describe('advice of a command that was told its pond', () => {
  it.each([
    ['pond control retry 3.1', "pond --pond '/a b' control retry 3.1"],
    [
      'pond list shows what is there; pond mkdir -p makes missing parents',
      "pond --pond '/a b' list shows what is there; pond --pond '/a b' mkdir -p makes missing parents",
    ],
    [
      'wait for it, or end it: pond control cancel 4.1',
      "wait for it, or end it: pond --pond '/a b' control cancel 4.1",
    ],
    [
      'pond recover --failed runs them, pond control dismiss settles them',
      "pond --pond '/a b' recover --failed runs them, pond --pond '/a b' control dismiss settles them",
    ],
  ])('names it again: %s', (text, expected) => {
    expect(named(text)).toBe(expected);
    expect(pondNamed({})(text)).toBe(text);
  });

  it.each([
    'pond copy --help',
    'pond init makes a new pond in the directory that --pond or $POND names',
    'pond factories describes them',
    'pond restore URL DIR --at N',
    "look at '/in/; pond rm -r x' first",
    'the pond lies in a pond directory; /pond list; my-pond list',
  ])('leaves alone what makes a pond, needs none, or is somebody’s word: %s', (text) => {
    expect(named(text)).toBe(text);
  });

  it('says also how the pond is reached, as far as the command line did', async () => {
    const how = {
      control: 'postgres://db/ponds?sslmode=verify-full',
      endpoint: 'http://store:9000',
      region: 'eu-1',
      cache: '/my cache',
    };
    const words =
      "--control 'postgres://db/ponds?sslmode=verify-full' --endpoint http://store:9000 --region eu-1 --cache '/my cache'";
    expect(pondNamed(how)('pond recover')).toBe(`pond ${words} recover`);
    const advised = pondNamed({ ...how, pond: 's3://bucket/pond' })('pond control retry 3.1');
    expect(advised).toBe(`pond --pond s3://bucket/pond ${words} control retry 3.1`);
    const typed = [
      '--pond',
      's3://bucket/pond',
      ...Object.entries(how).flatMap(([name, value]) => [`--${name}`, value]),
    ];
    const parsed = await parseCommandLine([...typed, 'control', 'retry', '3.1']);
    expect(
      isRight(parsed) && parsed.right._tag === 'Run' ? readGlobalOptions(parsed.right.given) : parsed,
    ).toMatchObject({
      ...how,
      pond: 's3://bucket/pond',
    });
    expect(pondNamed({ control: 'postgres://me:secret@db/ponds' })('pond list')).toBe('pond list');
    // It has such options about the remote.
    expect(pondNamed(how)('pond remote add NAME s3://bucket/prefix')).toBe(
      "pond --control 'postgres://db/ponds?sslmode=verify-full' --cache '/my cache' remote add NAME s3://bucket/prefix",
    );
  });

  it('knows each command for one about a pond, or for one without', () => {
    const words = new Set(
      TOPICS.flatMap(({ commands }) => commands.map(({ name }) => name.split(' ')[0] ?? '')),
    );
    expect([...ABOUT_A_POND, ...WITHOUT_A_POND].toSorted()).toEqual([...words].toSorted());
  });
});
