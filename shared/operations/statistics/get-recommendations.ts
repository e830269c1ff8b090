import * as contract from '../../contract/statistics.ts';
import { recommend } from '../../domain/recommendations.ts';
import { implement } from '../implement.ts';
import { situation } from '../../steps/situation.ts';

export const getRecommendations = implement(contract.getRecommendations, async (ports) => ({
  recommendations: recommend(await situation(ports)),
}));
