import { around, grown, overlaps, type Area } from './area.ts';
import type { Colors } from './colors.ts';
import type { Layout } from './layout/layout.ts';
import { pathOf } from './paths.ts';

interface PaintedEdge {
  from: string;
  to: string;
  area: Area;
  path: Path2D;
  kind: keyof typeof looks;
}

/** Edges in the background, normal edges, and those of the critical path, on top. */
const looks = {
  dimmed: { color: 'line-strong', width: 1.2, alpha: 0.25 },
  usual: { color: 'line-strong', width: 1.2, alpha: 1 },
  critical: { color: 'accent', width: 3, alpha: 1 },
} as const;

/** Space for the bend of an edge and its arrowhead. */
const bend = { width: 24, height: 6 };

/** The edges of a layout. Their paths are created once. */
export class PaintedEdges {
  #edges: PaintedEdge[] = [];

  arrange({ edges, places }: Layout): void {
    this.#edges = edges.flatMap((edge) => {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      if (!from || !to) return [];
      const area = grown(around([from, ...edge.via, to]), bend);
      return [{ from: edge.from, to: edge.to, area, path: new Path2D(pathOf(edge, from, to)), kind: 'usual' as const }];
    });
  }

  emphasize(visible: ReadonlySet<string> | undefined, critical: readonly string[]): void {
    const next = new Map(critical.slice(1).map((to, n) => [to, critical[n]]));
    for (const edge of this.#edges) {
      const isVisible = visible === undefined || (visible.has(edge.from) && visible.has(edge.to));
      edge.kind = !isVisible ? 'dimmed' : next.get(edge.to) === edge.from ? 'critical' : 'usual';
    }
  }

  paint(context: CanvasRenderingContext2D, seen: Area, colors: Colors): void {
    for (const [kind, { color, width, alpha }] of Object.entries(looks)) {
      context.strokeStyle = colors[color];
      context.lineWidth = width;
      context.globalAlpha = alpha;
      for (const edge of this.#edges) {
        if (edge.kind === kind && overlaps(edge.area, seen)) context.stroke(edge.path);
      }
    }
    context.globalAlpha = 1;
  }
}
