import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What tests approve is not kept with what the user who runs them has approved. */
export const setup = (): (() => void) => {
  const state = mkdtempSync(join(tmpdir(), 'pond-test-state-'));
  process.env.XDG_STATE_HOME = state;
  delete process.env.POND_STATE_DIR;
  delete process.env.POND_TRUST;
  return () => rmSync(state, { recursive: true, force: true });
};
