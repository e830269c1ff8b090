import { QueryDefinition, QueryString, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

interface LogsOf {
  /** Of the functions that serve requests. */
  calls: ILogGroup[];
  /** Of all functions. */
  all: ILogGroup[];
}

const queries: { name: string; of: keyof LogsOf; query: ConstructorParameters<typeof QueryString>[0] }[] = [
  {
    name: 'Refused calls',
    of: 'calls',
    query: {
      fields: ['@timestamp', 'operation', 'outcome', 'key_id', 'request_id', 'trace_id'],
      filterStatements: ['ispresent(outcome)', "outcome != 'done'"],
      sort: '@timestamp desc',
      limit: 200,
    },
  },
  {
    name: 'Slowest calls',
    of: 'calls',
    query: {
      fields: ['@timestamp', 'operation', 'Duration', 'key_id', 'request_id'],
      filterStatements: ['ispresent(Duration)'],
      sort: 'Duration desc',
      limit: 100,
    },
  },
  {
    name: 'Errors and warnings',
    of: 'all',
    query: {
      fields: ['@timestamp', 'service', 'level', 'message', 'error.message', 'task_id', 'trace_id', 'request_id'],
      filterStatements: ["level in ['WARN', 'ERROR', 'CRITICAL']"],
      sort: '@timestamp desc',
      limit: 200,
    },
  },
  {
    name: 'Lines of a task',
    of: 'all',
    query: {
      fields: ['@timestamp', '@log', 'level', 'message', 'operation', 'outcome', 'error.message', 'trace_id'],
      // Matches the text of a line, because a line about several tasks lists them.
      filterStatements: ["@message like 'TASK_ID'"],
      sort: '@timestamp asc',
      limit: 1000,
    },
  },
];

/**
 * Saves starter queries for Logs Insights, under the path of the construct.
 * @returns their names
 */
export function saveQueries(scope: Construct, logs: LogsOf): string[] {
  return queries.map(({ name, of, query }) => {
    const queryDefinitionName = `${scope.node.path}/${name}`;
    new QueryDefinition(scope, name.replaceAll(' ', ''), {
      queryDefinitionName,
      queryString: new QueryString(query),
      logGroups: logs[of],
    });
    return queryDefinitionName;
  });
}
