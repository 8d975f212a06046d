import { vi } from "vitest";

export interface Drawn {
  readonly call: string;
  readonly values: readonly unknown[];
  readonly fill: unknown;
}

/** A context that only writes down what it is asked to draw, and with which fill. */
export function recorder(): { readonly context: CanvasRenderingContext2D; readonly drawn: readonly Drawn[] } {
  const drawn: Drawn[] = [];
  const state: Record<string, unknown> = {
    measureText: (text: string) => ({ width: 7 * text.length }),
    createPattern: () => ({ setTransform: () => undefined, isHatch: true }),
  };
  const context = new Proxy(state, {
    get: (target, name) =>
      target[String(name)] ??
      ((...values: unknown[]) => drawn.push({ call: String(name), values, fill: state["fillStyle"] })),
  });
  return { context: context as unknown as CanvasRenderingContext2D, drawn };
}

/** What hatches are made with, where there is no page. */
export function stubCanvas(): void {
  vi.stubGlobal(
    "DOMMatrix",
    class {
      translate = () => this;
    },
  );
  vi.stubGlobal("document", { createElement: () => ({ getContext: () => recorder().context }) });
}
