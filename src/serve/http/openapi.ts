import type * as t from 'io-ts';
import type { Json, JsonObject } from '../../domain/documents/json.js';
import { VERSION } from '../../version.js';
import { Failure } from './codecs/pond-shapes.js';
import { type Components, schemaOf } from './codecs/schema-of.js';
import type { Route } from './exchange/route.js';

/** The OpenAPI document of the interface, made of the codecs that check it. */
export const openApi = (routes: readonly Route[]): JsonObject => {
  const components: Components = new Map();
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    const address = `/api/v1${route.path}`;
    paths[address] = {
      ...paths[address],
      [route.method.toLowerCase()]: operationOf(route, components),
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'pond-steward', version: VERSION },
    servers: [{ url: '/' }],
    security: [{ token: [] }, { cookie: [], pageKey: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(components),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'pond-PORT' },
        pageKey: { type: 'apiKey', in: 'header', name: 'X-Pond-Key' },
      },
    },
  };
};

const operationOf = (
  { summary, params, query, body, answer, path, method }: Route,
  components: Components,
): JsonObject => ({
  operationId: `${method.toLowerCase()}${path.replace(/[^A-Za-z0-9]+(.?)/g, (_, letter: string) => letter.toUpperCase())}`,
  summary,
  parameters: [...parametersOf(params, 'path', components), ...parametersOf(query, 'query', components)],
  ...(body === null
    ? {}
    : {
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(body, components) } },
        },
      }),
  responses: {
    200: { description: 'as asked', content: contentOf(answer, path, components) },
    default: {
      description: 'an error',
      content: { 'application/json': { schema: schemaOf(Failure, components) } },
    },
  },
});

const contentOf = (answer: t.Mixed | null, path: string, components: Components): JsonObject => {
  if (answer !== null) return { 'application/json': { schema: schemaOf(answer, components) } };
  return path === '/events' ? { 'text/event-stream': {} } : { 'application/octet-stream': {} };
};

const parametersOf = (codec: t.Mixed, where: 'path' | 'query', components: Components): readonly Json[] => {
  const { properties = {}, required = [] } = schemaOf(codec, components);
  const needed = new Set(Array.isArray(required) ? required : []);
  return Object.entries(properties as JsonObject).map(([name, schema]) => ({
    name,
    in: where,
    required: needed.has(name),
    schema,
  }));
};
