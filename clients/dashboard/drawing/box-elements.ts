import { BoxElement } from './box-element.ts';
import type { Camera } from './camera.ts';
import type { ShownBox } from './shown-box.ts';

/** The elements of the boxes near the viewport; other boxes have none. */
export class BoxElements {
  readonly element = document.createElement('div');
  readonly #elements = new Map<string, BoxElement>();

  constructor() {
    this.element.className = 'drawing-layer';
  }

  move({ x, y, scale }: Camera): void {
    this.element.style.transform = `translate(${x}px, ${y}px) scale(${scale})`;
  }

  /** Creates and removes elements, so that exactly these boxes have one. */
  show(boxes: readonly ShownBox[]): void {
    const wanted = new Set(boxes.map(({ box }) => box.id));
    for (const [id, { element }] of this.#elements) {
      if (wanted.has(id)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    for (const { box, area, look } of boxes) {
      const element = this.#elements.get(box.id) ?? this.#add(box.id, new BoxElement(area));
      element.show(box, look);
    }
  }

  #add(id: string, added: BoxElement): BoxElement {
    this.#elements.set(id, added);
    this.element.append(added.element);
    return added;
  }
}
