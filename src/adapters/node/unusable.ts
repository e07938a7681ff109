/** What keeps the user's state directory from being used, in words that end a sentence. */
export class Unusable extends Error {}
