import { announcements, putAway } from "../state/announcements";
import { Age } from "./age";
import { Icon } from "./icon";

/** System messages, until they are put away. */
export function Banners() {
  return (
    <div class="banners" role="log" aria-label="System messages">
      {announcements.value.map((message) => (
        <div key={message.seq} class="alert" data-level={message.level}>
          <span>{message.message}</span> <span class="quiet"><Age at={message.timestamp} /></span>
          <button type="button" class="btn btn-icon" aria-label="Put this message away" onClick={() => putAway(message)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
