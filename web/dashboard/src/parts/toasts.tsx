import { act, dismiss, hold, release, type Toast, toasts } from "../state/toasts";
import { Icon } from "./icon";

/** The short messages in the corner, which are read out as they come. */
export function Toasts() {
  return (
    <div class="toasts" role="status" onMouseEnter={hold} onMouseLeave={release} onFocusIn={hold} onFocusOut={release}>
      {toasts.value.map((toast) => (
        <ToastCard key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastCard({ toast }: { toast: Toast }) {
  return (
    <div class="toast-card" data-tone={toast.tone}>
      <span>{toast.text}</span>
      {toast.action !== undefined && (
        <button type="button" class="btn btn-quiet" onClick={() => act(toast)}>
          {toast.action.label}
        </button>
      )}
      <button type="button" class="btn btn-icon" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
