import type { Status } from '../view/states.ts';
import type { Area } from './area.ts';
import type { Colors } from './colors.ts';

export interface BoxLook {
  isSelected: boolean;
  isDimmed: boolean;
  isCritical: boolean;
}

/** Half the size of a marker. */
const half = 12;

/** Paints a box that is too small for text: its state as color and shape. */
export function paintBox(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Area,
  status: Status,
  { isSelected, isDimmed, isCritical }: BoxLook,
  colors: Colors,
): void {
  const opacity = isDimmed ? 0.3 : 1;
  context.globalAlpha = opacity;
  context.fillStyle = colors.card;
  context.fillRect(x, y, width, height);
  context.globalAlpha = opacity * 0.28;
  context.fillStyle = colors[status];
  context.fillRect(x, y, width, height);
  context.globalAlpha = opacity;
  context.strokeStyle = isSelected ? colors.accent : colors[status];
  context.lineWidth = isSelected ? 10 : isCritical ? 6 : 2;
  context.strokeRect(x, y, width, height);

  const middle = { x: x + width / 2, y: y + height / 2 };
  context.strokeStyle = colors[status];
  context.translate(middle.x, middle.y);
  paintMark(context, status);
  context.translate(-middle.x, -middle.y);
  context.globalAlpha = 1;
}

/** The same shapes that the style sheet gives the states. */
function paintMark(context: CanvasRenderingContext2D, status: Status): void {
  context.beginPath();
  switch (status) {
    case 'waiting':
    case 'pending':
      context.lineWidth = 5;
      context.arc(0, 0, half - 2.5, 0, 2 * Math.PI);
      context.stroke();
      if (status === 'waiting') return;
      context.beginPath();
      context.arc(0, 0, half, Math.PI / 2, -Math.PI / 2);
      break;
    case 'failed':
      context.moveTo(0, -half);
      context.lineTo(half, 0);
      context.lineTo(0, half);
      context.lineTo(-half, 0);
      break;
    case 'blocked':
      context.rect(-half, -half, 2 * half, 2 * half);
      break;
    case 'cancelled':
      context.rect(-half, -2.5, 2 * half, 5);
      break;
    default:
      context.arc(0, 0, half, 0, 2 * Math.PI);
  }
  context.fill();
}
