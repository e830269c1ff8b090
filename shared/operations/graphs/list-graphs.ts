import * as contract from '../../contract/graphs.ts';
import { decodeCursor, encodeCursor } from '../../wire/cursor.ts';
import { instant } from '../../wire/instant.ts';
import { implement } from '../implement.ts';

export const listGraphs = implement(contract.listGraphs, async ({ graphs }, input) => {
  const page = await graphs.list(input.limit, decodeCursor(contract.listGraphs.name, input).after);
  return {
    graphs: page.items.map(({ id, title, createdAt, total, counts, decision }) => ({
      graph_id: id,
      title,
      created_at: instant(createdAt),
      total,
      counts,
      done_fraction: counts.completed / total,
      ...(decision && { under_way: decision.kind }),
    })),
    ...(page.cursor !== undefined && {
      next_cursor: encodeCursor({ list: '', after: page.cursor }, contract.listGraphs.name, input),
    }),
  };
});
