/** Steps of a transfer that are done, and that it will have had: versions that a push publishes, bytes that a pull fetches. */
export interface TransferStep {
  readonly unit: 'version' | 'byte';
  readonly done: number;
  readonly total: number;
}
