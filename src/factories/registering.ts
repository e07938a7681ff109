// What a reader of plain content does not need, loaded together when factories are first asked for.

export { createRegistry } from './registry/create-registry.js';
export { factoriesOf } from './user/user-factories.js';
