import fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, it, test } from 'vitest';
import { ServerConnection } from '../../src/adapters/postgres/postgres-connection.js';
import { readStoreAddress } from '../../src/domain/store-address.js';
import { controlAt } from '../../src/steward/shared/control-address.js';

/** What the server is told. */
const toldOf = (address: string): { readonly user: string; readonly database: string } => {
  const client = new ServerConnection({ connectionString: address });
  return (client as unknown as { getStartupConf: () => ReturnType<typeof toldOf> }).getStartupConf();
};

/** Names that an address can hold: it would take these for the way to another one. */
const names = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((name) => !name.includes('\0') && !['.', '..'].includes(name));

describe('the address of a database', () => {
  it('names any role and any database by what is escaped', () => {
    fc.assert(
      fc.property(names, names, (role, name) => {
        const address = `postgres://${encodeURIComponent(role)}@host:5432/${encodeURIComponent(name)}`;
        expect(isRight(controlAt(address))).toBe(true);
        expect(toldOf(address)).toMatchObject({ user: role, database: name });
      }),
    );
  });

  test.each([
    ['postgres://127.0.0.1:55432/a%2Fb%3Fc%23d', 'a/b?c#d'],
    ['postgres://127.0.0.1:55432/we%3Adb', 'we:db'],
    ['postgres://127.0.0.1:55432/my db', 'my db'],
    ['postgres://127.0.0.1:55432/ünï?sslmode=disable', 'ünï'],
    ['postgresql://%2Frun%2Fpostgresql:5432/ponds', 'ponds'],
    ['postgres:///ponds?host=/run/postgresql', 'ponds'],
  ])('%s names the database %s', (address, database) => {
    expect(isRight(controlAt(address))).toBe(true);
    expect(toldOf(address).database).toBe(database);
  });

  test.each([
    ['postgres://host:5432/%', /% in a name is written %25/],
    ['postgres://host:5432/a%zz', /% in a name is written %25/],
    ['postgres://ro%le@host/db', /% in a name is written %25/],
    ['postgres://host/a%00b', /% in a name is written %25/],
    ['postgres://host:99999/db', /not those of one server/],
    ['postgres://bad host/db', /not those of one server/],
    ['postgres://one:5432,two:5432/db', /not those of one server/],
    ['postgres://one,two/db', /several hosts/],
  ])('%s is refused before anybody is asked', (address, problem) => {
    const read = controlAt(address);
    expect(isLeft(read) && read.left).toMatchObject({
      _tag: 'InvalidControl',
      problem: expect.stringMatching(problem),
    });
  });
});

describe('the address of a store', () => {
  it.each(['', '/', 'a/', 'a//', 'a b', 'ä/ö', 'p%20q', '100%', 'a+b', "it's", '-', '..a/b..', '.a/.b'])(
    'has a prefix %s',
    (prefix) => {
      expect(readStoreAddress({ url: `s3://bucket/${prefix}` })).toMatchObject({ right: { path: prefix } });
    },
  );

  it.each([
    ['s3://bucket/../other', /\. or \.\./],
    ['s3://bucket/a/./b', /\. or \.\./],
    ['s3://bucket/..', /\. or \.\./],
    ['s3://bucket/./', /\. or \.\./],
    ['s3://bucket/a//b', /with \/\//],
    ['s3://bucket//a', /with \/\//],
    ['s3://bucket/a\nb', /not printed/],
    ['file:///srv/a\nb', /not printed/],
  ])('%s is refused', (url, problem) => {
    expect(readStoreAddress({ url })).toMatchObject({ left: expect.stringMatching(problem) });
  });
});
