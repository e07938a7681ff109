import type { FileSystem } from '../ports/file-system.js';
import type { QueryEngine } from '../ports/query-engine.js';
import type { WorkingSpaces } from '../ports/working-spaces.js';
import type { Seal } from './merged-files.js';

/** Ports that reading a series needs from outside. */
export interface SeriesPorts {
  readonly files: FileSystem;
  readonly workspaces: Pick<WorkingSpaces, 'use'>;
  readonly queryEngine: Pick<QueryEngine, 'session'>;
  readonly seal: Seal;
}

/** Directory in which files are made. */
export interface SeriesPlaces {
  /** Directory of temporary files. */
  readonly workspaces: string;
  /** Directory of merged series. It may be deleted at any time. */
  readonly merged: string;
}
