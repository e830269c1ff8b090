import { printable } from '#shared/contract/printable.ts';
import { useState } from 'preact/hooks';
import { sizeText } from '../view/words.ts';
import { Copy } from './copy.tsx';

/** Longer text is shown on request, which keeps the page fast. */
const shownCharacters = 20_000;
/** How many entries of a list or object are shown at first. */
const shownEntries = 100;
/** How many levels are expanded at first. */
const openLevels = 2;

/** Text shown verbatim, line by line. */
export function PlainText({ text, label }: { text: string; label: string }) {
  const [whole, setWhole] = useState(false);
  const isLong = text.length > shownCharacters;
  return (
    <div class="payload">
      <pre tabIndex={0} aria-label={label} dir="auto">
        {text
          .slice(0, whole ? undefined : shownCharacters)
          .split('\n')
          .map(printable)
          .join('\n')}
      </pre>
      <div class="actions">
        <Copy text={text} />
        {isLong && !whole && (
          <button type="button" class="small" onClick={() => setWhole(true)}>
            Show all, {sizeText(text)}
          </button>
        )}
      </div>
    </div>
  );
}

/** Any JSON: text as text, anything else as a tree. */
export const Payload = ({ value, label }: { value: unknown; label: string }) =>
  typeof value === 'string' ? (
    <PlainText text={value} label={label} />
  ) : (
    <div class="payload">
      <div class="tree" role="group" aria-label={label}>
        <Node value={value} level={0} />
      </div>
      <div class="actions">
        <Copy text={JSON.stringify(value, null, 2)} label="Copy JSON" />
      </div>
    </div>
  );

function Node({ value, level, name }: { value: unknown; level: number; name?: string | undefined }) {
  const label = name !== undefined && <span class="tree-name">{printable(name)}: </span>;
  if (typeof value !== 'object' || value === null) {
    const shown = typeof value === 'string' ? printable(JSON.stringify(value)) : String(value);
    return (
      <div class="tree-line">
        {label}
        <span class={`tree-${value === null ? 'null' : typeof value}`}>{shown}</span>
      </div>
    );
  }
  return <Branch value={value} level={level} label={label} />;
}

function Branch({ value, level, label }: { value: object; level: number; label: preact.ComponentChildren }) {
  const [open, setOpen] = useState(level < openLevels);
  const [all, setAll] = useState(false);
  const isList = Array.isArray(value);
  const entries = Object.entries(value as Record<string, unknown>);
  const shown = all ? entries : entries.slice(0, shownEntries);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {label}
        <span class="quiet">{isList ? `list of ${entries.length}` : `object with ${entries.length}`}</span>
      </summary>
      {open && (
        <div class="tree-inner">
          {shown.map(([key, inner]) => (
            <Node key={key} name={isList ? undefined : key} value={inner} level={level + 1} />
          ))}
          {shown.length < entries.length && (
            <button type="button" class="small" onClick={() => setAll(true)}>
              Show {entries.length - shown.length} more
            </button>
          )}
        </div>
      )}
    </details>
  );
}
