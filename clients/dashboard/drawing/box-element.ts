import type { Box } from '../view/graph-boxes.ts';
import type { Point } from './layout/layout.ts';
import type { BoxLook } from './painted-box.ts';

/** The element of one box, updated in place: only differences are touched, and a new state fades in. */
export class BoxElement {
  readonly element = document.createElement('div');
  readonly #mark = document.createElement('span');
  readonly #title = document.createElement('bdi');
  readonly #note = document.createElement('bdi');
  #box: Box | undefined;
  #hasChanged = false;

  constructor({ x, y }: Point) {
    this.element.style.transform = `translate(${x}px, ${y}px)`;
    this.element.addEventListener('animationend', () => (this.#hasChanged = false));
    this.#title.className = 'box-title';
    this.#note.className = 'box-note';
    this.element.append(this.#mark, this.#title, this.#note);
  }

  show(box: Box, look: BoxLook): void {
    const before = this.#box;
    this.#box = box;
    if (before?.status !== box.status) {
      this.#hasChanged = before !== undefined;
      this.#mark.className = `mark ${box.status}`;
    }
    const classes = classesOf(box, look, this.#hasChanged);
    if (this.element.className !== classes) this.element.className = classes;
    if (before?.title !== box.title) this.#title.textContent = box.title;
    if (before?.note !== box.note) this.#note.textContent = box.note;
    if (before === undefined || hoverOf(before) !== hoverOf(box)) this.element.title = hoverOf(box);
    if (before?.percent !== box.percent) this.element.style.setProperty('--done', `${box.percent ?? 0}%`);
  }
}

const classesOf = (
  { status, counts }: Box,
  { isSelected, isDimmed, isCritical }: BoxLook,
  hasChanged: boolean,
): string =>
  [
    'box',
    status,
    counts && 'group',
    isSelected && 'selected',
    isDimmed && 'dimmed',
    isCritical && 'critical',
    hasChanged && 'changed',
  ]
    .filter(Boolean)
    .join(' ');

/** The tooltip of a box. */
export const hoverOf = ({ title, status, note }: Box) => `${title}\n${status}: ${note}`;
