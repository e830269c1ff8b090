import { env } from '#shared/env.ts';

const namespace = process.env[env.metricsNamespace];
const service = process.env[env.service] ?? 'unknown';
/** Powertools has the same switch, which the simulation uses. */
const isDisabled = process.env[env.metricsDisabled] === 'true';

/**
 * Writes a line in embedded metric format, from which CloudWatch makes a metric of this function with one more
 * dimension. Powertools, used for less frequent metrics, takes several times as long, and this runs on every request.
 * @param of the value of the dimension
 * @param facts other fields of the line
 */
export function writeMetric(
  { name, dimension }: { name: string; dimension: string },
  of: string,
  unit: 'Count' | 'Milliseconds',
  value: number,
  facts: object = {},
): void {
  if (isDisabled) return;
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
  // Lambda's runtime would prefix anything written through the console.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
