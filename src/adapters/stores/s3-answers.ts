import { NOT_OF_THE_STORE } from '../../ports/object-store.js';

/** Error of an answer that something between here and the store has made or changed. */
export const altered = (message: string): Error =>
  Object.assign(new Error(message), { code: NOT_OF_THE_STORE });

/** Something that every store says in an answer. One without it is a page for people in the place of the store: nothing was done. */
export const ofTheStore = (said: string | undefined, answer: string, name: string): string => {
  if (said === undefined)
    throw altered(`the answer ${answer} has no ${name}, so that it is not one of a store`);
  return said;
};
