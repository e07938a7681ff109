export const entryPoints: Readonly<Record<string, string>>;
