import * as t from 'io-ts';
import { factoryDocument, factoryReferenceDocument } from '../../../documents/factory-document.js';
import { steps } from '../../../effects/steps.js';
import { Factory, FactoryReference } from '../codecs/pond-shapes.js';
import { asked } from '../codecs/schema-of.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const Nothing = asked({}, {});

export const factoryRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/factories',
    summary: 'Lists the factories that are known.',
    params: asked({ pond: t.string }, {}),
    query: Nothing,
    body: null,
    answer: t.type({ factories: t.array(Factory) }),
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const factories = await run(steward.factories());
        return documentOf({ factories: factories.list().map(factoryDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/factories/{factory}',
    summary: 'Shows the keys of a factory, and an example of its configuration.',
    params: asked({ pond: t.string, factory: t.string }, {}),
    query: Nothing,
    body: null,
    answer: FactoryReference,
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take, fail }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const facts = (await run(steward.factories())).facts(params.factory);
        if (facts === null) return fail({ _tag: 'NoSuchFactory', factory: params.factory });
        return documentOf(factoryReferenceDocument(facts));
      }),
  }),
];
