import type { DomainName, HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, type EventBus, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { eventSource, eventTypes, publicEvents, type EventType } from '#shared/schema.ts';
import { Api } from './constructs/api.ts';
import { Dispatch } from './constructs/dispatch.ts';
import { Events } from './constructs/events.ts';
import { Monitoring } from './constructs/monitoring.ts';
import { Storage } from './constructs/storage.ts';
import { Upkeep } from './constructs/upkeep.ts';
import type { Watched } from './constructs/watches.ts';
import { WorkMetrics } from './constructs/work-metrics.ts';
import { settingsOf } from './defaults.ts';
import { MusterMetrics } from './muster-metrics.ts';
import type { TaskEvent } from './names.ts';
import type { MusterProps } from './props.ts';

/**
 * Multi-agent task orchestration: the tables, the functions and everything in between. A stack can contain any number
 * of them, because CloudFormation chooses all names.
 */
export class Muster extends MusterMetrics {
  /** Tasks and graphs. Events and statistics derive from its stream. */
  readonly tasksTable: ITable;
  /** Agents, lanes, statistics and API keys. */
  readonly agentsTable: ITable;
  /** Carries the task events, with the source `muster.tasks`. */
  readonly bus: EventBus;
  /** Serves HTTP and MCP. */
  readonly api: HttpApi;
  /** The URL of the API; uses the custom domain if there is one. */
  readonly url: string;
  /** The custom domain of the API, if any: the target for its DNS record. */
  readonly domain: DomainName | undefined;
  /** Wake-ups of the router. */
  readonly readyQueue: Queue;
  /** Wake-ups that could not be processed. */
  readonly readyDeadLetters: Queue;
  /** Task changes that could not be published or counted. */
  readonly changesDeadLetters: Queue;
  /** Events whose dependents could not be released. */
  readonly releaseDeadLetters: Queue;
  readonly dashboard: Dashboard;

  /** @internal */
  protected readonly watched: Watched;
  readonly #published: readonly EventType[];

  constructor(scope: Construct, id: string, props: MusterProps = {}) {
    super(scope, id);
    const settings = settingsOf(this, props);

    const storage = new Storage(this, 'Storage', { settings, given: props });
    const dispatch = new Dispatch(this, 'Dispatch', { settings, storage });
    const events = new Events(this, 'Events', { settings, storage, dispatch });
    const api = new Api(this, 'Api', { settings, given: props, storage, dispatch });
    const upkeep = new Upkeep(this, 'Upkeep', { settings, storage, dispatch });
    const work = new WorkMetrics(settings.metricsNamespace);
    this.watched = { storage, dispatch, events, api, upkeep, work };
    const { alarmTopic } = props;
    const { runbookUrl } = settings;
    const monitoring = new Monitoring(this, 'Monitoring', { alarmTopic, runbookUrl, ...this.watched });

    this.tasksTable = storage.tasks;
    this.agentsTable = storage.agents;
    this.bus = events.bus;
    this.api = api.http;
    this.domain = api.domain;
    this.url = props.domain ? `https://${props.domain.domainName}` : api.http.apiEndpoint;
    this.readyQueue = dispatch.readyQueue;
    this.readyDeadLetters = dispatch.readyDeadLetters;
    this.changesDeadLetters = events.changesDeadLetters;
    this.releaseDeadLetters = events.releaseDeadLetters;
    this.dashboard = monitoring.dashboard;
    this.#published = publicEvents[settings.publicEvents];
  }

  /**
   * Sends task events from EventBridge to a target. An event's detail describes the task, without content and result.
   * @throws Error for an event that the prop `publicEvents` excludes
   */
  onTask(events: TaskEvent | readonly TaskEvent[], target: IRuleTarget): Rule {
    const named = [events].flat() as readonly TaskEvent[];
    const detailType = named.map((event) => eventTypes[event]);
    const missing = detailType.filter((type) => !this.#published.includes(type));
    if (missing.length > 0) {
      const wanted = missing.every((type) => publicEvents.ended.some((one) => one === type)) ? 'ended' : 'all';
      throw new Error(`${missing.join(', ')} is not published. Set publicEvents: '${wanted}'`);
    }
    const id = `OnTask${named.map((event) => event.charAt(0).toUpperCase() + event.slice(1)).join('')}`;
    const others = this.node.children.filter(({ node }) => node.id.replace(/\d+$/, '') === id).length;
    return new Rule(this, others === 0 ? id : `${id}${others + 1}`, {
      eventBus: this.bus,
      eventPattern: { source: [eventSource], detailType },
      targets: [target],
    });
  }
}
