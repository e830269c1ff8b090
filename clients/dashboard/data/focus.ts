import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'wouter';

/** The path of the last page, and whether the user navigated to it from another one. */
let shownPath: string | undefined;
let isArrival = false;

/**
 * Focuses the heading of a page after navigation, so that a screen reader reads it and Tab continues from there: the
 * link that led there may be gone. The first page is read from the top.
 */
export function useHeadingFocus() {
  const heading = useRef<HTMLHeadingElement>(null);
  const [path] = useLocation();
  useEffect(() => {
    const isNew = shownPath !== path;
    if (isNew) isArrival = shownPath !== undefined;
    shownPath = path;
    // The loading state has its own heading, whose focus disappears with it.
    const isLost = document.activeElement === document.body;
    if (isArrival && (isNew || isLost)) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return heading;
}
