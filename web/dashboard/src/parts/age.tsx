import { age, exact } from "../format";
import { now } from "../state/time";

/** How long ago something was, and exactly when on hover. Nothing for what is no time. */
export function Age({ at }: { at: string | null | undefined }) {
  const time = new Date(at ?? Number.NaN);
  if (Number.isNaN(time.getTime())) return null;
  return (
    <time dateTime={time.toISOString()} title={exact(time)}>
      {age(time, now.value)}
    </time>
  );
}
