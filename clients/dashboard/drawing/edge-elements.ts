import type { Layout } from './layout/layout.ts';
import { pathOf } from './paths.ts';

const svg = 'http://www.w3.org/2000/svg';

interface DrawnEdge {
  from: string;
  to: string;
  path: string;
}

/** All edges in three paths, whatever their number: those that recede, the usual ones, and those of the critical path. */
export class EdgeElements {
  readonly element = document.createElementNS(svg, 'svg');
  readonly #dimmed = this.#path('edges dimmed');
  readonly #usual = this.#path('edges');
  readonly #critical = this.#path('edges critical');
  #edges: readonly DrawnEdge[] = [];

  constructor() {
    this.element.setAttribute('aria-hidden', 'true');
  }

  arrange({ edges, places, width, height }: Layout): void {
    this.element.setAttribute('width', String(width));
    this.element.setAttribute('height', String(height));
    this.#edges = edges.flatMap((edge) => {
      const [from, to] = [places.get(edge.from), places.get(edge.to)];
      return from && to ? [{ from: edge.from, to: edge.to, path: pathOf(edge, from, to) }] : [];
    });
  }

  emphasize({ visible, critical }: { visible: ReadonlySet<string> | undefined; critical: readonly string[] }): void {
    const next = new Map(critical.slice(1).map((to, n) => [to, critical[n]]));
    const [dimmed, usual, thick]: [string[], string[], string[]] = [[], [], []];
    for (const { from, to, path } of this.#edges) {
      const isVisible = visible === undefined || (visible.has(from) && visible.has(to));
      (!isVisible ? dimmed : next.get(to) === from ? thick : usual).push(path);
    }
    this.#dimmed.setAttribute('d', dimmed.join(''));
    this.#usual.setAttribute('d', usual.join(''));
    this.#critical.setAttribute('d', thick.join(''));
  }

  #path(name: string): SVGPathElement {
    const path = document.createElementNS(svg, 'path');
    path.setAttribute('class', name);
    this.element.append(path);
    return path;
  }
}
