/**
 * The web dashboard: the page itself, and the scripts and styles that it names. They are files, not operations: no part of the sdk, of
 * MCP or of the OpenAPI document. Each has a share of what a stage admits, as operations have.
 */
export const dashboardPages = [
  { name: 'dashboard', route: 'GET /', share: 0.005 },
  { name: 'dashboard-assets', route: 'GET /assets/{file}', share: 0.03 },
] as const;
