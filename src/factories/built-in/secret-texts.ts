import type { KeyError } from '../../domain/documents/decode-error.js';

/** Tells whether some of a configured text comes from the environment. */
export const isFromEnvironment = (text: string): boolean => text.includes('$' + '{env:');

/** Message about a secret that stands in a configuration. */
export const LITERAL_SECRET = `a secret is written \${env:NAME}, since what stands in a configuration stays in the pond's history`;

/** Stands for what comes from the environment. */
const RESOLVED = 'pond-env';
const VARIABLE = /\$\{env:[^}]*\}/g;

/** Names of parameters whose values nobody else should know. */
const SECRET_PARAMETER =
  /token|secret|passw(or)?d|passphrase|credential|signature|(api|access|auth|private|subscription|shared|client|app)[-_. ]?key|^(key|sig|sign|pwd|pass|auth|authorization|app-?_?id)$/i;
/** Such as `pageToken`, which says where a list goes on. */
const OF_PAGES = /^(next|page|continuation|start|sync|resume)/i;

/** Places whose addresses are the secret: whoever knows one may post there. */
const SECRET_ADDRESS =
  /^(hooks\.slack\.com\/.|(canary\.|ptb\.)?discord(app)?\.com\/api\/webhooks\/.|[^/]+\.webhook\.office\.com\/.|api\.telegram\.org\/bot.)/i;

/**
 * Secrets of an address that are written out in it, under the key that it stands in: a password, a parameter whose name says that it is
 * one, an address that is a secret altogether. What comes from the environment is none.
 */
export const secretsOfAddress = (key: string, address: string): readonly KeyError[] => {
  const written = address.replaceAll(VARIABLE, RESOLVED);
  // All of it comes from the environment, or it is refused for what it is.
  if (!URL.canParse(written)) return [];
  const { password, searchParams, hash, host, pathname } = new URL(written);
  const isLiteral = (text: string): boolean => text !== '' && !text.includes(RESOLVED);
  if (isLiteral(password)) return [{ key, message: LITERAL_SECRET }];
  if (isLiteral(pathname) && SECRET_ADDRESS.test(`${host}${pathname}`))
    return [{ key, message: LITERAL_SECRET }];
  const parameters = [...searchParams, ...new URLSearchParams(hash.slice(1))];
  return parameters
    .filter(([name, value]) => isLiteral(value) && SECRET_PARAMETER.test(name) && !OF_PAGES.test(name))
    .slice(0, 1)
    .map(([name]) => ({ key, message: `${LITERAL_SECRET} (its parameter ${name})` }));
};
