import type { Box } from '../view/graph-boxes.ts';
import type { Point } from './layout/layout.ts';

/** The element of one box, changed in place: only what is different is touched, and a new state fades in. */
export class BoxElement {
  readonly element = document.createElement('div');
  readonly #mark = document.createElement('span');
  readonly #title = document.createElement('bdi');
  readonly #note = document.createElement('bdi');
  #shown: Box | undefined;

  constructor(id: string, { x, y }: Point) {
    this.element.dataset['box'] = id;
    this.element.style.transform = `translate(${x}px, ${y}px)`;
    this.#title.className = 'box-title';
    this.#note.className = 'box-note';
    this.element.append(this.#mark, this.#title, this.#note);
  }

  show(box: Box): void {
    const before = this.#shown;
    if (before?.status !== box.status) {
      this.element.className = `box ${box.status}${box.counts ? ' group' : ''}${before ? ' changed' : ''}`;
      this.#mark.className = `mark ${box.status}`;
    }
    if (before?.title !== box.title) this.#title.textContent = box.title;
    if (before?.note !== box.note) this.#note.textContent = box.note;
    if (before?.status !== box.status || before.note !== box.note || before.title !== box.title) {
      this.element.title = `${box.title}\n${box.status}: ${box.note}`;
    }
    this.element.style.setProperty('--done', box.percent === undefined ? '0%' : `${box.percent}%`);
    this.#shown = box;
  }

  emphasize({
    isSelected,
    isDimmed,
    isCritical,
  }: {
    isSelected: boolean;
    isDimmed: boolean;
    isCritical: boolean;
  }): void {
    this.element.classList.toggle('selected', isSelected);
    this.element.classList.toggle('dimmed', isDimmed);
    this.element.classList.toggle('critical', isCritical);
  }
}
