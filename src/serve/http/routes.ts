import { backgroundRoutes } from './api/background.js';
import { commitRoutes } from './api/commits.js';
import { differenceRoutes } from './api/differences.js';
import { entryRoutes } from './api/entries.js';
import { eventRoutes } from './api/events.js';
import { factoryRoutes } from './api/factories.js';
import { fileRoutes } from './api/files.js';
import { firingRoutes } from './api/firings.js';
import { outputRoutes } from './api/outputs.js';
import { overviewRoutes } from './api/overview.js';
import { queryRoutes } from './api/queries.js';
import { workRoutes } from './api/work.js';
import type { Route } from './exchange/route.js';

/** All that there is below `/api/v1`. */
export const ROUTES: readonly Route[] = [
  ...overviewRoutes,
  ...commitRoutes,
  ...differenceRoutes,
  ...outputRoutes,
  ...firingRoutes,
  ...fileRoutes,
  ...queryRoutes,
  ...entryRoutes,
  ...workRoutes,
  ...backgroundRoutes,
  ...factoryRoutes,
  ...eventRoutes,
];
