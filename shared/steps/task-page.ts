import { limits } from '../contract/limits.ts';
import type { TaskFilter } from '../contract/tasks.ts';
import { digest } from '../domain/hash.ts';
import { movedAt } from '../domain/task-log.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import type { ListPosition, Walk } from '../wire/cursor.ts';
import { matches, pageOf, type FilterList } from './task-lists.ts';

/** How many entries of the indexes one call looks at: filters that no index knows may leave a page short. */
const maxTasksRead = 400;
/** How many lists one walk begins in one call. */
const maxListsRead = 20;
/** Times that others have written may be wrong by so much, or not yet be in an index. */
const lateWritesMs = 60_000;

/** How many tasks a cursor remembers as listed: what clients that do not drop repeats would see twice of a short listing. */
const maxRemembered = 128;
const tagLength = 8;
const tagOf = ({ id }: TaskRecord) => digest(id).slice(0, tagLength);

type PageRequest = TaskFilter & { limit: number };
type Pace = Omit<Walk, 'listed'>;

/** Collects what one call finds, until it has enough or has looked at enough. */
export class TaskPage {
  readonly found: TaskRecord[] = [];
  readonly #ports: Ports;
  readonly #request: PageRequest;
  readonly #listed: Set<string>;
  /** Tasks that this call has looked at: they were not missed. */
  readonly #known = new Set<string>();

  /** @param listed what the pages before it remember: see `remembered` */
  constructor(ports: Ports, request: PageRequest, listed: string) {
    this.#ports = ports;
    this.#request = request;
    this.#listed = new Set(listed.match(/.{8}/g));
  }

  /** What the next page does not list again. */
  get remembered(): string {
    return [...this.#listed].slice(-maxRemembered).join('');
  }

  /** Reads the lists on from a position. @returns where the next page goes on; undefined behind the last list */
  async walkOn(lists: readonly FilterList[], walk: Pace, start: ListPosition): Promise<ListPosition | undefined> {
    const rest = lists.filter(({ name }) => name >= start.list);
    for (const [n, list] of rest.entries()) {
      if (n === maxListsRead) return { list: list.name };
      const stop = await this.#readOn(list, walk, list.name === start.list ? start.after : undefined);
      if (stop) return stop;
    }
    return undefined;
  }

  async #readOn(list: FilterList, walk: Pace, start: string | undefined): Promise<ListPosition | undefined> {
    const { limit } = this.#request;
    const isAgain = list.isAgain === true || walk.number > 1;
    const movedSince = isAgain ? walk.movedSince - lateWritesMs : undefined;
    for (let after = start; ;) {
      // The more did not match, or will be met again, the more are read at a time.
      const others = isAgain ? this.#known.size : this.#known.size - this.found.length;
      const size = Math.max(limit - this.found.length, Math.min(others * 3, limits.pageSize));
      const entries = await pageOf(this.#ports, list, size, { after, since: movedSince });
      const ids = entries.flatMap(({ id }) => (this.#known.has(id) ? [] : [id]));
      // A look that comes too early would not see that a task has moved.
      const read = await this.#ports.tasks.getMany(ids, { consistent: movedSince !== undefined });
      const byId = new Map(read.map((task) => [task.id, task]));
      for (const { id, position } of entries) {
        if (this.found.length === limit) break;
        this.#look(byId.get(id), movedSince, walk);
        this.#known.add(id);
        after = position;
      }
      const isFull = this.found.length === limit;
      if (!isFull && entries.length < size) return undefined;
      if (isFull || this.#known.size >= maxTasksRead) return { list: list.name, ...(after !== undefined && { after }) };
    }
  }

  #look(task: TaskRecord | undefined, movedSince = 0, { begunAt }: Pace): void {
    if (!task || !matches(task, this.#request) || movedAt(task) < movedSince) return;
    const tag = tagOf(task);
    if (this.#listed.has(tag)) return;
    // What has completed moves no more, and the next walk does not look so far back.
    if (task.status !== 'completed' || task.endedAt >= begunAt - lateWritesMs) this.#listed.add(tag);
    this.found.push(task);
  }
}
