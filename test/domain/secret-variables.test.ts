import { expect, test } from 'vitest';
import { secretValues } from '../../src/domain/secrets/secret-variables.js';

const VALUE = 'hunter-2222';

test.each([
  'API_TOKEN',
  'token',
  'CLIENT_SECRET',
  'AWS_SECRET_ACCESS_KEY',
  'DB_PASSWORD',
  'PASSWD',
  'GPG_PASSPHRASE',
  'GOOGLE_CREDENTIALS',
  'STRIPE_KEY',
  'OPENAI_APIKEY',
  'ADMIN_PWD',
  'SMTP_PASS',
  'NPM_CONFIG__AUTH',
  'BEARER',
  'GITHUB_PAT',
  'STORAGE_CONNECTION_STRING',
])('the value of %s is a secret, unless it is too short to be one', (name) => {
  expect(secretValues({ [name]: VALUE }, [])).toEqual([VALUE]);
  expect(secretValues({ [name]: 'true' }, [])).toEqual([]);
});

test.each([
  'PWD',
  'HOME',
  'KEYBOARD',
  'KEY_FILE',
  'PASSENGERS',
  'MY_PIN',
  'SSH_AUTH_SOCK',
  'OAUTH',
  'COMPAT',
])('the value of %s is none by its name', (name) => {
  expect(secretValues({ [name]: VALUE }, [])).toEqual([]);
});

test('the values of headers for a collector are secrets one by one, without the scheme in front of them', () => {
  const headers = 'authorization=Bearer%20token%2Bone, x-api-key = second-key,x-short=1,x-broken=100%25%zz';
  const secrets = ['token+one', 'second-key', '100%25%zz'];
  expect(secretValues({ OTEL_EXPORTER_OTLP_HEADERS: headers }, [])).toEqual(secrets);
  expect(secretValues({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers }, [])).toEqual(secrets);
  expect(secretValues({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, [])).toEqual([]);
});

test('what the settings list is a secret however short it is, a star standing for any characters', () => {
  const variables = { MY_PIN: '1234', CORP_A: 'a', OTHER_CORP_A: 'b' };
  expect(secretValues(variables, ['MY_PIN', 'CORP_*'])).toEqual(['1234', 'a']);
});

test('a star stands for any characters, none included, and parts do not overlap', () => {
  const names = ['AB', 'AxB', 'ABA', 'A', 'xAB', 'AxByAzB'];
  const variables = Object.fromEntries(names.map((name) => [name, name]));
  expect(secretValues(variables, ['A*B'])).toEqual(['AB', 'AxB', 'AxByAzB']);
  expect(secretValues(variables, ['*A'])).toEqual(['ABA', 'A']);
  expect(secretValues(variables, ['AB*BA'])).toEqual([]);
  expect(secretValues(variables, ['A*B*A*B'])).toEqual(['AxByAzB']);
  expect(secretValues(variables, ['*'])).toEqual(names);
  expect(secretValues({ 'A.B': 'dot', AxB: 'other' }, ['A.B', '.*'])).toEqual(['dot']);
});

test('no list of stars goes back and forth over a name', () => {
  // Work that doubles with each character of a name would not end before the test does.
  const variables = { [`${'A'.repeat(40)}_`]: 'value' };
  expect(secretValues(variables, [`${'*'.repeat(40)}x`, `${'*A'.repeat(30)}x`])).toEqual([]);
});
