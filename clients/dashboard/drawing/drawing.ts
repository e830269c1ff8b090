import type { Box } from '../view/graph-boxes.ts';
import { BoxElement } from './box-element.ts';
import { fitting, readable, revealing, wordsFrom, zoomed, type Camera } from './camera.ts';
import { EdgeElements } from './edge-elements.ts';
import { listenToGestures } from './gestures.ts';
import { box as size, layOut, type Layout, type Point } from './layout/layout.ts';
import { nextBox } from './next-box.ts';

/** What is emphasized among the boxes. */
export interface Emphasis {
  selected: string | undefined;
  /** Undefined: all boxes are equally visible. */
  visible: ReadonlySet<string> | undefined;
  /** Ids of boxes, each before the next. */
  critical: readonly string[];
}

interface DrawingListeners {
  /** A box was chosen by a click or a key; undefined: none is any more. */
  select: (id: string | undefined) => void;
  open: (id: string) => void;
}

const zoomStep = 1.3;
const panStep = 80;
/** How long after the last movement, in milliseconds, the drawing is painted sharply again. */
const restMs = 150;

/**
 * Boxes and edges in a frame that can be moved and zoomed. Plain elements without the framework of the pages: a thousand of them
 * are created once and then changed one by one, and moving them is a single transform.
 */
export class GraphDrawing {
  readonly #frame: HTMLElement;
  readonly #listeners: DrawingListeners;
  readonly #layer = document.createElement('div');
  readonly #edges = new EdgeElements();
  readonly #ended = new AbortController();
  readonly #elements = new Map<string, BoxElement>();
  #boxes: readonly Box[] = [];
  #layout: Layout | undefined;
  #structure = '';
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #selected: string | undefined;
  /** Once a person has moved it, it is not moved when the frame changes its size. */
  #isMoved = false;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(frame: HTMLElement, listeners: DrawingListeners) {
    this.#frame = frame;
    this.#listeners = listeners;
    this.#layer.className = 'drawing-layer';
    this.#layer.append(this.#edges.element);
    frame.append(this.#layer);
    const { signal } = this.#ended;
    const resized = new ResizeObserver(() => this.#isMoved || this.#showFirst());
    resized.observe(frame);
    signal.addEventListener('abort', () => resized.disconnect());
    listenToGestures(
      frame,
      {
        pan: ({ x, y }) => this.#pan(x, y),
        zoom: (factor, at) => this.#zoom(factor, at),
        click: (target) => listeners.select(target.closest<HTMLElement>('[data-box]')?.dataset['box']),
      },
      signal,
    );
    frame.addEventListener('keydown', (event) => this.#press(event), { signal });
  }

  /** Draws the boxes as they are now. Their places change only with their dependencies. */
  show(boxes: readonly Box[]): void {
    this.#boxes = boxes;
    const structure = JSON.stringify(boxes.map(({ id, dependencies }) => [id, dependencies]));
    if (structure !== this.#structure) {
      this.#structure = structure;
      this.#arrange(layOut(boxes));
      if (!this.#isMoved) this.#showFirst();
    }
    for (const box of boxes) this.#elements.get(box.id)?.show(box);
  }

  emphasize({ selected, visible, critical }: Emphasis): void {
    this.#selected = selected;
    const onPath = new Set(critical);
    for (const [id, element] of this.#elements) {
      element.emphasize({
        isSelected: id === selected,
        isDimmed: visible !== undefined && !visible.has(id),
        isCritical: onPath.has(id),
      });
    }
    this.#edges.emphasize({ visible, critical });
  }

  /** Moves the frame to a box, if it cannot be seen. */
  reveal(id: string): void {
    const place = this.#layout?.places.get(id);
    if (!place) return;
    this.#move(revealing(this.#camera, { ...place, y: place.y - size.height / 2, ...size }, this.#size));
  }

  fit(): void {
    this.#isMoved = true;
    this.#move(fitting(this.#content, this.#size));
  }

  zoomIn(): void {
    this.#zoom(zoomStep, this.#middle);
  }

  zoomOut(): void {
    this.#zoom(1 / zoomStep, this.#middle);
  }

  close(): void {
    this.#ended.abort();
    clearTimeout(this.#resting);
    this.#layer.remove();
  }

  #arrange(layout: Layout): void {
    this.#layout = layout;
    // A small graph needs no high frame.
    this.#frame.style.setProperty('--content', `${layout.height}px`);
    for (const { element } of this.#elements.values()) element.remove();
    this.#elements.clear();
    for (const [id, { x, y }] of layout.places) {
      const element = new BoxElement(id, { x, y: y - size.height / 2 });
      this.#elements.set(id, element);
    }
    this.#layer.append(...[...this.#elements.values()].map(({ element }) => element));
    this.#edges.arrange(layout);
  }

  /** What to show first where not all can be read: what fails, else what runs, else the beginning. */
  #attention(): Point {
    const first = ['failed', 'running', 'assigned', 'pending'].flatMap(
      (status) => this.#boxes.find((box) => box.status === status) ?? [],
    )[0];
    const place = this.#layout?.places.get(first?.id ?? this.#boxes[0]?.id ?? '') ?? { x: 0, y: 0 };
    return { x: place.x + size.width / 2, y: place.y };
  }

  get #content() {
    return { width: this.#layout?.width ?? 1, height: this.#layout?.height ?? 1 };
  }

  get #size() {
    return { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
  }

  get #middle() {
    return { x: this.#size.width / 2, y: this.#size.height / 2 };
  }

  #showFirst(): void {
    this.#move(readable(this.#content, this.#size, this.#attention()));
  }

  #pan(x: number, y: number): void {
    this.#isMoved = true;
    this.#move({ ...this.#camera, x: this.#camera.x + x, y: this.#camera.y + y });
  }

  #zoom(factor: number, at: Point): void {
    this.#isMoved = true;
    this.#move(zoomed(this.#camera, factor, at));
  }

  #move(camera: Camera): void {
    this.#camera = camera;
    this.#layer.style.transform = `translate(${camera.x}px, ${camera.y}px) scale(${camera.scale})`;
    this.#layer.classList.toggle('without-words', camera.scale < wordsFrom);
    // While it moves the browser may reuse what it has painted.
    this.#layer.classList.add('moving');
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#layer.classList.remove('moving'), restMs);
  }

  #press(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Partial<Record<string, () => void>> = {
      '+': () => this.zoomIn(),
      '=': () => this.zoomIn(),
      '-': () => this.zoomOut(),
      '0': () => this.fit(),
      Escape: () => this.#listeners.select(undefined),
      Enter: () => this.#selected !== undefined && this.#listeners.open(this.#selected),
      ArrowLeft: () => this.#step('left', event.shiftKey),
      ArrowRight: () => this.#step('right', event.shiftKey),
      ArrowUp: () => this.#step('up', event.shiftKey),
      ArrowDown: () => this.#step('down', event.shiftKey),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  /** Arrows go from box to box along the edges; with shift they move the drawing. */
  #step(direction: 'left' | 'right' | 'up' | 'down', isPan: boolean): void {
    if (isPan || !this.#layout) {
      const x = { left: panStep, right: -panStep, up: 0, down: 0 }[direction];
      const y = { left: 0, right: 0, up: panStep, down: -panStep }[direction];
      this.#pan(x, y);
      return;
    }
    const next = nextBox(this.#layout, this.#selected, direction);
    if (next === undefined) return;
    this.#listeners.select(next);
    this.reveal(next);
  }
}
