import * as z from 'zod';
import { operation } from './operation.ts';

/**
 * The web dashboard: the page, and the scripts and styles it references. They are files, not operations, so they are
 * not in the sdk, MCP or the OpenAPI document. Like operations, each has a share of the stage's request rate.
 */
export const dashboardPages = [
  { name: 'dashboard', route: 'GET /', share: 0.005 },
  { name: 'dashboard-assets', route: 'GET /assets/{file}', share: 0.03 },
] as const;

/**
 * The statistics in Prometheus format. They are text, so they are not in the sdk, MCP or the OpenAPI document either.
 */
export const metricsPage = operation({
  name: 'metrics',
  summary: 'The statistics in the text format of Prometheus',
  route: 'GET /v1/metrics',
  scope: 'read',
  share: 0.005,
  input: () => z.strictObject({}),
  output: () => z.string(),
  refusals: [],
});
