/** Put in by the build from `package.json`; not there when the sources run unbundled, as in the tests. */
declare const __POND_VERSION__: string | undefined;

/** The version of this program, `0.1.0`; `dev` when it runs unbundled. */
export const VERSION: string = typeof __POND_VERSION__ === 'string' ? __POND_VERSION__ : 'dev';
