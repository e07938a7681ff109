export interface ScratchPostgres {
  readonly url: (database: string) => string;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}
export declare const startPostgres: () => Promise<ScratchPostgres | null>;
