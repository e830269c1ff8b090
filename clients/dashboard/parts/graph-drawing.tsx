import { useEffect, useRef, useState } from 'preact/hooks';
import type { GraphDrawing } from '../drawing/drawing.ts';
import type { Emphasis } from '../drawing/scene.ts';
import type { Box } from '../view/graph-boxes.ts';
import { Failure } from './layout.tsx';

interface DrawingProps {
  label: string;
  boxes: readonly Box[];
  emphasis: Emphasis;
  onSelect: (id: string | undefined) => void;
  onOpen: (id: string) => void;
}

/** The graph as boxes and edges. The drawing code is loaded when a graph is first opened. */
export function Drawing({ label, boxes, emphasis, onSelect, onOpen }: DrawingProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<GraphDrawing>();
  const [isMissing, setMissing] = useState(false);
  // The drawing outlives a render, so it calls the current listeners.
  const listeners = useRef({ select: onSelect, open: onOpen });
  listeners.current = { select: onSelect, open: onOpen };

  useEffect(() => {
    let opened: GraphDrawing | undefined;
    let isClosed = false;
    import('../drawing/drawing.ts').then(
      (module) => {
        if (isClosed || !frame.current) return;
        opened = new module.GraphDrawing(frame.current, {
          select: (id) => listeners.current.select(id),
          open: (id) => listeners.current.open(id),
        });
        setDrawing(opened);
      },
      () => setMissing(true),
    );
    return () => {
      isClosed = true;
      opened?.close();
    };
  }, []);
  useEffect(() => drawing?.show(boxes, emphasis), [drawing, boxes, emphasis]);
  useEffect(() => {
    if (emphasis.selected !== undefined) drawing?.reveal(emphasis.selected);
  }, [drawing, emphasis.selected]);

  if (isMissing) return <Failure message="The drawing could not be loaded. Reload the page, or use the table." />;
  return (
    <div class="drawing">
      <div
        ref={frame}
        class="drawing-frame"
        role="application"
        tabIndex={0}
        aria-label={label}
        aria-describedby="drawing-keys"
      />
      <p id="drawing-keys" class="visually-hidden">
        Arrow keys go from task to task, Enter opens one, plus and minus zoom, 0 shows all. The table has the same
        tasks.
      </p>
      <div class="drawing-tools">
        <button type="button" class="small" onClick={() => drawing?.zoomOut()} aria-label="Zoom out">
          −
        </button>
        <button type="button" class="small" onClick={() => drawing?.zoomIn()} aria-label="Zoom in">
          +
        </button>
        <button type="button" class="small" onClick={() => drawing?.fit()}>
          Fit
        </button>
      </div>
    </div>
  );
}
