import type { Box } from '../view/graph-boxes.ts';
import type { Area } from './area.ts';
import type { BoxLook } from './painted-box.ts';

/** A box with its position and emphasis. */
export interface ShownBox {
  box: Box;
  area: Area;
  look: BoxLook;
}
