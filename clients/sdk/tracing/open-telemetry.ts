import type * as OpenTelemetry from '@opentelemetry/api';

type Api = typeof OpenTelemetry;

/** Kept out of the import expression: a bundler would include the package in every program, or fail without it. */
const packageName: string = '@opentelemetry/api';

let api: Api | undefined;
let loading: Promise<void> | undefined;

/** Loads OpenTelemetry once, if the program has it installed. Never rejects. */
export function loadOpenTelemetry(): Promise<void> {
  loading ??= import(packageName).then(
    (loaded) => {
      api = loaded as Api;
    },
    () => undefined,
  );
  return loading;
}

/** OpenTelemetry, if it has been loaded and is installed. */
export const openTelemetry = () => api;
