import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'wouter';

/** The page that was shown last, and whether one has gone there from another one. */
let shownPath: string | undefined;
let isArrival = false;

/**
 * Focuses the heading of a page that one has gone to, which a screen reader then reads and from where Tab goes on: the link that led
 * there may be gone. The page that is opened first is read from its beginning.
 */
export function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const [path] = useLocation();
  useEffect(() => {
    const isNew = shownPath !== path;
    if (isNew) isArrival = shownPath !== undefined;
    shownPath = path;
    // What a page shows while it loads has a heading of its own, whose focus is gone with it.
    const isLost = document.activeElement === document.body;
    if (isArrival && (isNew || isLost)) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return heading;
}
