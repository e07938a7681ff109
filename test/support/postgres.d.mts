export interface ScratchPostgres {
  readonly port: number;
  readonly url: (database: string) => string;
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}
export declare const startPostgres: (reached?: {
  readonly at: readonly string[];
  readonly from: string | null;
}) => Promise<ScratchPostgres | null>;
