import { limits } from '../contract/limits.ts';
import type { TaskFilter } from '../contract/tasks.ts';
import { digest } from '../domain/hash.ts';
import { movedAt } from '../domain/task-log.ts';
import type { TaskRecord } from '../domain/task.ts';
import type { Ports } from '../ports.ts';
import type { ListPosition, Walk } from '../wire/cursor.ts';
import { matches, pageOf, type FilterList } from './task-lists.ts';

/** The maximum number of index entries that one call reads; a filter without an index may leave a page short. */
const maxTasksRead = 400;
/** The maximum number of lists that a walk begins in one call. */
const maxListsRead = 20;
/** How much the times written by other processes may be off, or their writes may lag in an index. */
const lateWritesMs = 60_000;

/**
 * The maximum number of listed tasks that a cursor remembers, which avoids duplicates in short listings for clients
 * that do not drop them.
 */
const maxRemembered = 128;
const tagLength = 8;
const tagOf = ({ id }: TaskRecord) => digest(id).slice(0, tagLength);

type PageRequest = TaskFilter & { limit: number };
type WalkState = Omit<Walk, 'listed'>;

/** Collects the matches of one call until the page is full or the read limit is reached. */
export class TaskPage {
  readonly found: TaskRecord[] = [];
  readonly #ports: Ports;
  readonly #request: PageRequest;
  readonly #listed: Set<string>;
  /** Tasks that this call has read, and so has not missed. */
  readonly #known = new Set<string>();

  /** @param listed what earlier pages remember: see `remembered` */
  constructor(ports: Ports, request: PageRequest, listed: string) {
    this.#ports = ports;
    this.#request = request;
    this.#listed = new Set(listed.match(/.{8}/g));
  }

  /** What the next page must not list again. */
  get remembered(): string {
    return [...this.#listed].slice(-maxRemembered).join('');
  }

  /**
   * Continues reading the lists from a position.
   * @returns where the next page continues; undefined after the last list
   */
  async continueWalk(
    lists: readonly FilterList[],
    walk: WalkState,
    start: ListPosition,
  ): Promise<ListPosition | undefined> {
    const rest = lists.filter(({ name }) => name >= start.list);
    for (const [n, list] of rest.entries()) {
      if (n === maxListsRead) return { list: list.name };
      const stop = await this.#continueList(list, walk, list.name === start.list ? start.after : undefined);
      if (stop) return stop;
    }
    return undefined;
  }

  async #continueList(list: FilterList, walk: WalkState, start: string | undefined): Promise<ListPosition | undefined> {
    const { limit } = this.#request;
    const isReread = list.isReread === true || walk.number > 1;
    const movedSince = isReread ? walk.movedSince - lateWritesMs : undefined;
    for (let after = start; ;) {
      // The window grows with the number of entries that did not match or were met before.
      const others = isReread ? this.#known.size : this.#known.size - this.found.length;
      const size = Math.max(limit - this.found.length, Math.min(others * 3, limits.pageSize));
      const entries = await pageOf(this.#ports, list, size, { after, since: movedSince });
      const ids = entries.flatMap(({ id }) => (this.#known.has(id) ? [] : [id]));
      // An eventually consistent read could miss that a task has moved.
      const read = await this.#ports.tasks.getMany(ids, { consistent: movedSince !== undefined });
      const byId = new Map(read.map((task) => [task.id, task]));
      for (const { id, position } of entries) {
        if (this.found.length === limit) break;
        this.#addIfMatching(byId.get(id), movedSince, walk);
        this.#known.add(id);
        after = position;
      }
      const isFull = this.found.length === limit;
      if (!isFull && entries.length < size) return undefined;
      if (isFull || this.#known.size >= maxTasksRead) return { list: list.name, ...(after !== undefined && { after }) };
    }
  }

  #addIfMatching(task: TaskRecord | undefined, movedSince = 0, { begunAt }: WalkState): void {
    if (!task || !matches(task, this.#request) || movedAt(task) < movedSince) return;
    const tag = tagOf(task);
    if (this.#listed.has(tag)) return;
    // Completed tasks no longer move, and the next walk does not look that far back.
    if (task.status !== 'completed' || task.endedAt >= begunAt - lateWritesMs) this.#listed.add(tag);
    this.found.push(task);
  }
}
