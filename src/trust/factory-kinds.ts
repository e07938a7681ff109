/** Result that a factory of the product makes of a configuration. */
export type FactoryKind = 'file' | 'directory' | 'executable';

/** The kinds of the factories that come with the product, by name. All others come from modules. */
export type FactoryKinds = ReadonlyMap<string, FactoryKind>;
