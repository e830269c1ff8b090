import type { Box } from '../view/graph-boxes.ts';
import { covers, grown, overlaps, type Area, type Size } from './area.ts';
import { BoxElements } from './box-elements.ts';
import { seenBy, wordsFrom, type Camera } from './camera.ts';
import { box as size, type Layout, type Point } from './layout/layout.ts';
import { Painting } from './painting.ts';
import type { ShownBox } from './shown-box.ts';

/** Which boxes are emphasized. */
export interface Emphasis {
  selected: string | undefined;
  /** Undefined: all boxes are equally visible. */
  visible: ReadonlySet<string> | undefined;
  /** Ids of boxes, in path order. */
  critical: readonly string[];
}

export const areaOf = ({ x, y }: Point): Area => ({ x, y: y - size.height / 2, ...size });

/**
 * Boxes and edges as seen by a camera. A thousand boxes are as fast as ten: only those near the frame have elements, as
 * long as they are readable; from afar they are painted. Draws at most once per frame, however much has changed.
 */
export class Scene {
  readonly #frame: HTMLElement;
  readonly #elements = new BoxElements();
  readonly #painting = new Painting();
  #shown: ShownBox[] = [];
  #camera: Camera = { x: 0, y: 0, scale: 1 };
  /** The area whose boxes have elements; undefined if a box has changed. */
  #prepared: Area | undefined;
  #rendering: number | undefined;

  constructor(frame: HTMLElement) {
    this.#frame = frame;
    frame.append(this.#painting.element, this.#elements.element);
  }

  get size(): Size {
    return { width: this.#frame.clientWidth, height: this.#frame.clientHeight };
  }

  /** Forgets all boxes: the next ones have other positions. */
  arrange(layout: Layout): void {
    this.#elements.show([]);
    this.#painting.edges.arrange(layout);
  }

  show(boxes: readonly Box[], { places }: Layout, { selected, visible, critical }: Emphasis): void {
    const onPath = new Set(critical);
    this.#shown = boxes.flatMap((box) => {
      const place = places.get(box.id);
      const look = {
        isSelected: box.id === selected,
        isDimmed: visible !== undefined && !visible.has(box.id),
        isCritical: onPath.has(box.id),
      };
      return place ? [{ box, area: areaOf(place), look }] : [];
    });
    this.#painting.edges.emphasize(visible, critical);
    this.#prepared = undefined;
    this.look(this.#camera);
  }

  look(camera: Camera): void {
    this.#camera = camera;
    this.#rendering ??= requestAnimationFrame(() => {
      this.#rendering = undefined;
      this.#render();
    });
  }

  /** Call it when the frame size or the color scheme has changed. */
  reset(): void {
    this.#painting.reset(this.size);
    this.#prepared = undefined;
    this.look(this.#camera);
  }

  /** The box at a point of the drawing. */
  boxAt({ x, y }: Point): Box | undefined {
    return this.#boxesIn({ x, y, width: 0, height: 0 })[0]?.box;
  }

  close(): void {
    if (this.#rendering !== undefined) cancelAnimationFrame(this.#rendering);
    this.#frame.replaceChildren();
  }

  #boxesIn(part: Area): ShownBox[] {
    return this.#shown.filter(({ area }) => overlaps(area, part));
  }

  #render(): void {
    const seen = seenBy(this.#camera, this.size);
    const hasWords = this.#camera.scale >= wordsFrom;
    if (!hasWords) {
      this.#prepared = undefined;
      this.#elements.show([]);
    } else if (!this.#prepared || !covers(this.#prepared, seen)) {
      this.#prepared = grown(seen, { width: seen.width / 4, height: seen.height / 4 });
      this.#elements.show(this.#boxesIn(this.#prepared));
    }
    this.#elements.move(this.#camera);
    this.#painting.paint(this.#camera, this.size, hasWords ? [] : this.#boxesIn(seen));
  }
}
