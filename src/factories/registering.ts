// What a reader of plain content does not need, loaded together when factories are first asked for.

export { createRegistry } from './create-registry.js';
export { factoriesOf } from './user-factories.js';
