import { useState } from 'preact/hooks';

/** How long the button confirms the copy, in milliseconds. */
const saidMs = 1_500;

/** A button that copies text. */
export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [done, setDone] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), saidMs);
    });
  return (
    <button type="button" class="small" onClick={copy}>
      <span aria-live="polite">{done ? 'Copied' : label}</span>
    </button>
  );
}

/** A snippet to paste into a terminal or a file. */
export const Snippet = ({ text, label }: { text: string; label: string }) => (
  <div class="snippet">
    <pre tabIndex={0} aria-label={label}>
      {text}
    </pre>
    <Copy text={text} />
  </div>
);
