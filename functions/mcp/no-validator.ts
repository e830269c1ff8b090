/**
 * Stands in for the JSON Schema validator that the MCP server brings along, in the bundle: it would check what people answer to
 * questions of the server, and Muster asks none. Inputs are checked by `perform`.
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('Muster asks its callers nothing, so there is no answer to validate.');
  }
}
