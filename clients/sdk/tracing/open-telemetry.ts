import type * as OpenTelemetry from '@opentelemetry/api';

type Api = typeof OpenTelemetry;

/** Not written where it is imported: a bundler would put the package into every program, or fail without it. */
const packageName: string = '@opentelemetry/api';

let api: Api | undefined;
let loading: Promise<void> | undefined;

/** Loads OpenTelemetry, once, where the program has it installed. Never rejects. */
export function loadOpenTelemetry(): Promise<void> {
  loading ??= import(packageName).then(
    (loaded) => {
      api = loaded as Api;
    },
    () => undefined,
  );
  return loading;
}

/** OpenTelemetry, when it has been loaded and is there. */
export const openTelemetry = () => api;
