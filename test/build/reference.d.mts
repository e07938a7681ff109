interface EntryPointText {
  readonly name: string;
  readonly importedAs: string;
  readonly text: string;
}

export const referenceOf: (entries: readonly EntryPointText[]) => {
  readonly pages: ReadonlyMap<string, string>;
  readonly undocumented: readonly string[];
};
