/**
 * Replaces the cache of endpoints in the bundle for MCP: DynamoDB's client makes one for endpoint discovery, which is off. It
 * keeps nothing, so that discovery would work without it too.
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
