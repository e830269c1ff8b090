/** The samples of one metric, as Prometheus groups them. */
export interface MetricFamily {
  name: string;
  type: 'gauge' | 'summary';
  help: string;
  samples: { suffix?: '_sum' | '_count'; labels?: Record<string, string>; value: number }[];
}

/** The content type of `prometheusText`. */
export const prometheusType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * The text format that Prometheus scrapes, version 0.0.4. Labels must not need escaping; ours are plain words.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export const prometheusText = (families: readonly MetricFamily[]) => families.map(familyText).join('');

function familyText({ name, type, help, samples }: MetricFamily): string {
  const lines = samples.map(({ suffix = '', labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
    return `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
  });
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n');
}
