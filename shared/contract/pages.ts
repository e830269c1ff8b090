import * as z from 'zod';
import { operation } from './operation.ts';

/**
 * The web dashboard: the page itself, and the scripts and styles that it names. They are files, not operations: no part of the sdk, of
 * MCP or of the OpenAPI document. Each has a share of what a stage admits, as operations have.
 */
export const dashboardPages = [
  { name: 'dashboard', route: 'GET /', share: 0.005 },
  { name: 'dashboard-assets', route: 'GET /assets/{file}', share: 0.03 },
] as const;

/** The statistics as Prometheus reads them. Text, so no part of the sdk, of MCP or of the OpenAPI document either. */
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
