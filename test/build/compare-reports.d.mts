export const readReports: (folder: string) => ReadonlyMap<string, string>;
export const compareReports: (
  kept: ReadonlyMap<string, string>,
  built: ReadonlyMap<string, string>,
) => readonly string[];
