import { REDACTED } from './redactor.js';

/**
 * User names and passwords in URLs, and what follows `?` in them, are replaced by `***`. `host://` names a place of this
 * machine, and stays.
 */
export const withoutUrlSecrets = (text: string): string =>
  text.includes('//') ? text.replace(CREDENTIALS, `$1${REDACTED}@`).replace(QUERY, `$1?${REDACTED}`) : text;

/** `//user:password@` or `//token@`, up to the last @ of what can be the authority of a URL. */
const CREDENTIALS = /((?<!(?<![a-z0-9+.-])host(?:\+[a-z]+)?:)\/\/)[^/?#\s"'<>]*@/gi;

/** Part of a URL that follows `?`. */
const QUERY = /((?<![a-z0-9+.-])(?!host(?:\+[a-z]+)?:)[a-z][a-z0-9+.-]*:\/\/[^\s?#"'<>]*)\?[^\s#"'<>]*/gi;
