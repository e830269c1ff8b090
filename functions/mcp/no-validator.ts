/**
 * Replaces the MCP server's JSON Schema validator in the bundle: it would validate responses to elicitation requests,
 * and Muster sends none. Inputs are checked by `perform`.
 */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('Muster sends no elicitation requests, so there is nothing to validate.');
  }
}
