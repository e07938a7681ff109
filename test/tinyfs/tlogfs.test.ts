import { persistenceSuite } from './persistence-suite.js';
import { tlogfsHarness } from './tlogfs-harness.js';

persistenceSuite('TLogFS', tlogfsHarness);
