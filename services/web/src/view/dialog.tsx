// A modal dialog: the browser keeps the focus inside and gives it back, Escape and a click beside it close it.
import type { ComponentChildren, VNode } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon } from "./icons.tsx";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
  /** From the lower edge on narrow screens. */
  readonly sheet?: boolean;
}

/** Open as long as it is drawn. */
export function Dialog({ title, onClose, children, sheet = false }: DialogProps): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Before anything is painted: who types ahead must not type past the dialog.
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    // Closing, not only removing, is what gives the focus back.
    return () => element?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the key for the same is Escape, which the dialog itself hears.
    <dialog
      ref={dialog}
      class={sheet ? "dialog sheet" : "dialog"}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <button type="button" class="quiet round" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
