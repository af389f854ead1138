import { useSignal } from "@preact/signals";
import { webAddress } from "../../../client/src/notifications";
import { sourceName } from "../format";
import type { Listing } from "../api/schema";

/** A listing's picture, or a tile with its source's initial where there is none or it does not load. */
export function Picture({ listing }: { listing: Pick<Listing, "image_url" | "source"> }) {
  const failed = useSignal<string | undefined>(undefined);
  const src = webAddress(listing.image_url);
  const shown = src !== undefined && failed.value !== src;
  return (
    <span class="picture" aria-hidden="true">
      {shown ? (
        <img
          src={src}
          alt=""
          loading="lazy"
          decoding="async"
          referrerpolicy="no-referrer"
          onError={() => (failed.value = src)}
        />
      ) : (
        sourceName(listing.source).charAt(0)
      )}
    </span>
  );
}
