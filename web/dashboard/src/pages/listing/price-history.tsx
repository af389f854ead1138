import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { PriceView } from "../../api/schema";
import { exact, priceFor } from "../../format";
import type { Chart } from "../../parts/chart";

/** The listing's prices over time, as a line and as a table. */
export function PriceHistory({ prices }: { prices: readonly PriceView[] }) {
  if (prices.length === 0) return null;
  return (
    <section class="card-box" aria-labelledby="history-title">
      <h2 id="history-title">Price history</h2>
      {prices.length > 1 && <PriceLine prices={prices} />}
      <table class="table table-sm mb-0">
        <thead class="visually-hidden"><tr><th scope="col">When</th><th scope="col">Price</th></tr></thead>
        <tbody>
          {prices.toReversed().map((point) => (
            <tr key={point.at}>
              <td><time dateTime={point.at}>{exact(new Date(point.at))}</time></td>
              <td class="text-end"><span class="price">{priceFor(point.price, point.currency, point.price_per)}</span></td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** The chart, whose code is fetched only where there is something to draw. The table says the same to those who do not see it. */
function PriceLine({ prices }: { prices: readonly PriceView[] }) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<Chart | undefined>(undefined);
  const failed = useSignal(false);
  useEffect(() => {
    let wanted = true;
    import("./price-chart").then(
      ({ drawPrices }) => {
        if (wanted && place.current !== null) chart.current = drawPrices(place.current, prices);
      },
      () => (failed.value = true),
    );
    return () => {
      wanted = false;
      chart.current?.remove();
    };
  }, [prices]);
  if (failed.value) return null;
  return <div class="price-chart" ref={place} aria-hidden="true" />;
}
