/** The exports of the package @musterhq/cdk. */
export { Muster } from './muster.ts';
export { MusterMetrics, type AgentState, type CallMetricOptions } from './muster-metrics.ts';
export type { MusterDomain, MusterProps, MusterTables } from './props.ts';
export type { AgentIdentity, MusterIdentity, PersonIdentity } from './identity.ts';
export type { PublicEvents, OpenStatus, OperationName, RefusalCode, TaskEvent } from './names.ts';
