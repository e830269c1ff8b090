import type { Box } from '../view/graph-boxes.ts';
import { hoverOf } from './box-element.ts';
import { fitting, pointAt, readable, revealing, zoomed, type Camera } from './camera.ts';
import { listenToGestures } from './gestures.ts';
import { listenToKeys } from './keys.ts';
import { box as size, layOut, type Layout, type Point } from './layout/layout.ts';
import { nextBox, type Direction } from './next-box.ts';
import { areaOf, Scene, type Emphasis } from './scene.ts';

interface DrawingListeners {
  /** A box was selected by a click or a key; undefined: the selection was cleared. */
  select: (id: string | undefined) => void;
  open: (id: string) => void;
}

const zoomStep = 1.3;

/** A graph in a frame that can be moved and zoomed, independent of the UI framework. */
export class GraphDrawing {
  readonly #frame: HTMLElement;
  readonly #listeners: DrawingListeners;
  readonly #scene: Scene;
  readonly #ended = new AbortController();
  #boxes: readonly Box[] = [];
  #layout: Layout | undefined;
  #structure = '';
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  #selected: string | undefined;
  /** Once the user has moved it, resizing the frame no longer does. */
  #isMoved = false;

  constructor(frame: HTMLElement, listeners: DrawingListeners) {
    this.#frame = frame;
    this.#listeners = listeners;
    this.#scene = new Scene(frame);
    const { signal } = this.#ended;
    const resized = new ResizeObserver(() => this.#reset());
    resized.observe(frame);
    signal.addEventListener('abort', () => resized.disconnect());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#reset(), { signal });
    listenToGestures(
      frame,
      {
        pan: (by) => this.#pan(by),
        zoom: (factor, at) => this.#zoom(factor, at),
        hover: (at) => this.#hover(at),
        click: (at) => listeners.select(this.#boxAt(at)?.id),
      },
      signal,
    );
    listenToKeys(
      frame,
      {
        zoomIn: () => this.zoomIn(),
        zoomOut: () => this.zoomOut(),
        fit: () => this.fit(),
        leave: () => listeners.select(undefined),
        open: () => this.#selected !== undefined && listeners.open(this.#selected),
        pan: (by) => this.#pan(by),
        step: (direction) => this.#step(direction),
      },
      signal,
    );
  }

  /** Draws the boxes. Their positions change only with their dependencies. */
  show(boxes: readonly Box[], emphasis: Emphasis): void {
    this.#boxes = boxes;
    this.#selected = emphasis.selected;
    const structure = JSON.stringify(boxes.map(({ id, dependencies }) => [id, dependencies]));
    if (structure !== this.#structure || !this.#layout) {
      this.#structure = structure;
      this.#layout = layOut(boxes);
      this.#scene.arrange(this.#layout);
      // A small graph needs no tall frame.
      this.#frame.style.setProperty('--content', `${this.#layout.height}px`);
      if (!this.#isMoved) this.#showFirst();
    }
    this.#scene.show(boxes, this.#layout, emphasis);
  }

  /** Moves the frame to a box, if it is not visible. */
  reveal(id: string): void {
    const place = this.#layout?.places.get(id);
    if (place) this.#move(revealing(this.#camera, areaOf(place), this.#scene.size));
  }

  fit(): void {
    this.#isMoved = true;
    this.#move(fitting(this.#content, this.#scene.size));
  }

  zoomIn(): void {
    this.#zoom(zoomStep, this.#middle);
  }

  zoomOut(): void {
    this.#zoom(1 / zoomStep, this.#middle);
  }

  close(): void {
    this.#ended.abort();
    this.#scene.close();
  }

  /** What to show first if not everything is readable: failures, or else running tasks, or else the beginning. */
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

  get #middle() {
    const { width, height } = this.#scene.size;
    return { x: width / 2, y: height / 2 };
  }

  #showFirst(): void {
    this.#move(readable(this.#content, this.#scene.size, this.#attention()));
  }

  #reset(): void {
    this.#scene.reset();
    if (!this.#isMoved) this.#showFirst();
  }

  #boxAt(at: Point): Box | undefined {
    return this.#scene.boxAt(pointAt(this.#camera, at));
  }

  /** If boxes are too small for text, hovering shows it. */
  #hover(at: Point): void {
    const box = this.#boxAt(at);
    this.#frame.title = box ? hoverOf(box) : '';
    this.#frame.classList.toggle('on-box', box !== undefined);
  }

  #pan({ x, y }: Point): void {
    this.#isMoved = true;
    this.#move({ ...this.#camera, x: this.#camera.x + x, y: this.#camera.y + y });
  }

  #zoom(factor: number, at: Point): void {
    this.#isMoved = true;
    this.#move(zoomed(this.#camera, factor, at));
  }

  #move(camera: Camera): void {
    this.#camera = camera;
    this.#scene.look(camera);
  }

  #step(direction: Direction): void {
    if (!this.#layout) return;
    const next = nextBox(this.#layout, this.#selected, direction);
    if (next === undefined) return;
    this.#listeners.select(next);
    this.reveal(next);
  }
}
