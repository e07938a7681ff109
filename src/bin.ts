import { runExecutable } from './run-executable.js';

// Help, the version and usage errors load nothing of what is behind this import.
await runExecutable(async (logging) => (await import('./composition-root.js')).connect(logging));
