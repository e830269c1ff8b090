/** Replaces the OpenAPI document in the bundle for MCP: it has no tool. */
export function openApiDocument(): never {
  throw new Error('The OpenAPI document is served by the function api.');
}
