import { runExecutable } from './run-executable.js';

// Help, the version and usage errors run nothing of what is behind this import.
void runExecutable(async (options) => (await import('./composition-root.js')).connectProcess(options));
