import { env } from '#shared/env.ts';

const namespace = process.env[env.metricsNamespace];
const service = process.env[env.service] ?? 'unknown';

/**
 * Writes a line of the embedded metric format, of which CloudWatch makes a metric of this function with one dimension more. Powertools,
 * which writes the same of what is measured now and then, takes several times as long, and this is done for every request.
 * @param of the value of the dimension
 * @param facts what the line says besides
 */
export function writeMetric(
  { name, dimension }: { name: string; dimension: string },
  of: string,
  unit: 'Count' | 'Milliseconds',
  value: number,
  facts: object = {},
): void {
  const definition = {
    Namespace: namespace,
    Dimensions: [['service', dimension]],
    Metrics: [{ Name: name, Unit: unit }],
  };
  const line = {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [definition] },
    ...facts,
    service,
    [dimension]: of,
    [name]: value,
  };
  // The runtime of Lambda would put a prefix before what goes through the console.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
