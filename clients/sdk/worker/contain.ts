import { AsyncLocalStorage } from 'node:async_hooks';

type Report = (error: unknown) => void;

const reports = new AsyncLocalStorage<Report>();
let agents = 0;

/** Runs a function whose unhandled rejections go to `report` instead of ending the process. */
export const containing = <T>(report: Report, work: () => T): T => reports.run(report, work);

/** Enables `containing`. Returns a function that disables it. */
export function startContaining(): () => void {
  agents += 1;
  if (agents === 1) process.on('unhandledRejection', onRejection);
  return () => {
    agents -= 1;
    if (agents === 0) process.off('unhandledRejection', onRejection);
  };
}

/**
 * An unhandled rejection outside a handler ends the process, as it would without the sdk, unless the program handles
 * it.
 */
function onRejection(error: unknown): void {
  const report = reports.getStore();
  if (report) report(error);
  else if (process.listenerCount('unhandledRejection') === 1) throw error;
}
