/**
 * Replaces the endpoint cache in the MCP bundle: DynamoDB's client creates one for endpoint discovery, which is off. It
 * stores nothing; endpoint discovery would still work.
 */
export class EndpointCache {
  getEndpoint(): undefined {
    return undefined;
  }

  get(): undefined {
    return undefined;
  }

  has(): boolean {
    return false;
  }

  set(): void {}
  delete(): void {}
  clear(): void {}
}
