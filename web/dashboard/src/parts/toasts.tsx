import { act, dismiss, hold, release, type Toast, toasts } from "../state/toasts";
import { Arrivals } from "./arrivals";
import { Icon } from "./icon";

/** The corner of what comes and goes: arriving notifications, and short messages, which are read out as they come. */
export function Toasts() {
  return (
    <div class="toasts">
      <Arrivals />
      <div class="toast-list" role="status" onMouseEnter={hold} onMouseLeave={release} onFocusIn={hold} onFocusOut={release}>
        {toasts.value.map((toast) => (
          <ToastCard key={toast.id} toast={toast} />
        ))}
      </div>
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
