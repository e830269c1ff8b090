import type { Size } from './area.ts';
import { seenBy, type Camera } from './camera.ts';
import { colorsOf, type Colors } from './colors.ts';
import { paintBox } from './painted-box.ts';
import { PaintedEdges } from './painted-edges.ts';
import type { ShownBox } from './shown-box.ts';

/** The canvas: edges, and boxes that are too small for text. */
export class Painting {
  readonly element = document.createElement('canvas');
  readonly edges = new PaintedEdges();
  readonly #context = this.element.getContext('2d');
  #colors: Colors | undefined;

  constructor() {
    this.element.setAttribute('aria-hidden', 'true');
  }

  /** Call it when the frame size or the color scheme has changed. */
  reset({ width, height }: Size): void {
    this.#colors = undefined;
    this.element.width = width * devicePixelRatio;
    this.element.height = height * devicePixelRatio;
  }

  paint(camera: Camera, frame: Size, boxes: readonly ShownBox[]): void {
    const context = this.#context;
    if (!context) return;
    const colors = (this.#colors ??= colorsOf(this.element));
    const ratio = devicePixelRatio;
    context.resetTransform();
    context.clearRect(0, 0, this.element.width, this.element.height);
    context.setTransform(camera.scale * ratio, 0, 0, camera.scale * ratio, camera.x * ratio, camera.y * ratio);
    this.edges.paint(context, seenBy(camera, frame), colors);
    for (const { box, area, look } of boxes) paintBox(context, area, box.status, look, colors);
  }
}
