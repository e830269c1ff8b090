import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Words } from './text.tsx';

interface DialogProps {
  title: string;
  /** Names the action: "Cancel 5 tasks". Absent: nothing is left to do. */
  verb?: string | undefined;
  /** The label of the button that closes the dialog. */
  back?: string;
  danger?: boolean;
  busy?: boolean;
  disabled?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks for confirmation. The browser keeps the focus inside and closes it on Escape. */
export function Dialog({
  title,
  verb,
  back = 'Back',
  danger,
  busy,
  disabled,
  onConfirm,
  onClose,
  children,
}: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onConfirm();
        }}
      >
        <h2 id="dialog-title">
          <Words text={title} />
        </h2>
        {children}
        <div class="actions">
          <button type="button" onClick={onClose}>
            {back}
          </button>
          {verb !== undefined && (
            <button class={danger ? 'danger' : 'primary'} disabled={(busy ?? false) || (disabled ?? false)}>
              {verb}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}
