import { connect } from '#shared/adapters/connect.ts';
import { metricsPage } from '#shared/contract/pages.ts';
import { prometheusMetrics } from '#shared/operations/statistics/metrics.ts';
import { implementationOf } from '#shared/operations/index.ts';
import { perform } from '#shared/operations/perform.ts';
import { httpPipeline } from './http/http-pipeline.ts';

const ports = connect(process.env);

/** Every operation over HTTP, and the metrics page for Prometheus. */
export const handler = httpPipeline(({ operation, input, caller }) =>
  operation.name === metricsPage.name
    ? perform(prometheusMetrics, ports, input, caller)
    : perform(implementationOf(operation.name), ports, input, caller),
);
