import * as contract from '../../contract/statistics.ts';
import { queueStatistics } from '../../steps/queue-statistics.ts';
import { implement } from '../implement.ts';

export const getQueueStatistics = implement(contract.getQueueStatistics, queueStatistics);
