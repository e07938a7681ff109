import { memoryHarness } from './memory-harness.js';
import { persistenceSuite } from './persistence-suite.js';

persistenceSuite('memory', memoryHarness);
