import type { JsonObject } from '../domain/documents/json.js';
import type { FactoryFacts } from '../factories/registry/registry.js';

/** A factory in JSON. */
export const factoryDocument = ({ name, description, kind, modes }: FactoryFacts): JsonObject => ({
  name,
  description,
  kind,
  modes,
});

/** A factory in JSON, with the keys of its configuration and an example. */
export const factoryReferenceDocument = (facts: FactoryFacts): JsonObject => ({
  ...factoryDocument(facts),
  run_when: facts.runWhen ?? 'success',
  keys: (facts.reference?.keys ?? []).map(({ name, needed, meaning }) => ({ name, needed, meaning })),
  example: facts.reference?.example ?? null,
});
