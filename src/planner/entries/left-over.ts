import { nameOf, type PondPath } from '../../domain/paths/pond-path.js';

/**
 * Tells whether what lies among entries is not one by its name: editors, `patch` and careful people leave `20-x.yaml~`, `.20-x.yaml.swp`,
 * `#20-x.yaml#`, `20-x.yaml.orig` and `20-x.yaml.bak` beside what they edit, and names that begin with a dot are hidden.
 */
export const isLeftOver = (path: PondPath): boolean =>
  /^\.|~$|^#.*#$|\.(bak|orig|rej|save|tmp|sw[a-p])$/s.test(nameOf(path));
