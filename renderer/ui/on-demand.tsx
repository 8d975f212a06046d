import { useEffect, useState, type ComponentType, type ReactNode } from "react";
import { reportOf } from "../../preload/contract/errors.ts";
import { holdIdle } from "./idle.ts";

/**
 * A component whose code is fetched when it is first shown; until then there is nothing, and the app is not idle. Used
 * in place of React.lazy, since React shows what follows the fallback of a Suspense boundary 300 ms after the fallback
 * at the earliest (its FALLBACK_THROTTLE_MS), and the code of a page is here within some 20 ms. What fails is thrown to
 * the nearest error boundary, and fetched anew when that shows the component again.
 */
export function onDemand<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
): ComponentType<Props> {
  let known: ComponentType<Props> | undefined;
  return function OnDemand(props: Props): ReactNode {
    const [Loaded, setLoaded] = useState(() => known);
    const [failure, setFailure] = useState<{ readonly reason: unknown } | undefined>(undefined);
    useEffect(() => {
      if (Loaded) return;
      const release = holdIdle();
      let isAwaited = true;
      load().then(
        (component) => {
          known = component;
          if (isAwaited) setLoaded(() => component);
        },
        (reason: unknown) => {
          if (isAwaited) setFailure({ reason });
        },
      );
      return () => {
        isAwaited = false;
        release();
      };
    }, [Loaded]);
    if (failure)
      throw failure.reason instanceof Error ? failure.reason : new Error(reportOf(failure.reason).message);
    return Loaded ? <Loaded {...props} /> : null;
  };
}
