/**
 * Node's own `import` of a module's address, which is only known at run time, so that no bundler takes it for one of
 * its own. The build of the executable puts its launcher's `import` here: code that comes out of V8's cache has none.
 */
export const importModule = (url: string): Promise<object> => import(/* @vite-ignore */ url);
