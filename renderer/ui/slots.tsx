import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { createPortal } from "react-dom";

/**
 * Places of the shell a page may fill: what is open and its facts in the top bar, the inspector on the right,
 * and the left part of the foot. A page renders <Inspector>…</Inspector> anywhere; it appears in its place.
 */
export interface Slots {
  readonly title: HTMLElement | null;
  readonly inspector: HTMLElement | null;
  readonly foot: HTMLElement | null;
  readonly claim: (place: "inspector", here: boolean) => void;
}

const none: Slots = { title: null, inspector: null, foot: null, claim: () => undefined };
const SlotContext = createContext<Slots>(none);
export const SlotProvider = SlotContext.Provider;

export interface SlotHandles {
  readonly slots: Slots;
  readonly setTitle: (element: HTMLElement | null) => void;
  readonly setInspector: (element: HTMLElement | null) => void;
  readonly setFoot: (element: HTMLElement | null) => void;
  readonly hasInspector: boolean;
}

/** Made once by the shell. */
export function useSlotHandles(): SlotHandles {
  const [title, setTitle] = useState<HTMLElement | null>(null);
  const [inspector, setInspector] = useState<HTMLElement | null>(null);
  const [foot, setFoot] = useState<HTMLElement | null>(null);
  const [claims, setClaims] = useState(0);
  const [claim] = useState(
    () => (_place: "inspector", here: boolean) => setClaims((n) => n + (here ? 1 : -1)),
  );
  return {
    slots: { title, inspector, foot, claim },
    setTitle,
    setInspector,
    setFoot,
    hasInspector: claims > 0,
  };
}

const into = (place: HTMLElement | null, children: ReactNode): ReactNode =>
  place ? createPortal(children, place) : null;

/** What is open: `<TopBar><Title>CTG 1221</Title><Chip>70 min · 4 Hz</Chip></TopBar>`. */
export function TopBar({ children }: { readonly children: ReactNode }): ReactNode {
  return into(useContext(SlotContext).title, children);
}

/** The right column, about 330 px. Present only while some page fills it; a person may fold it away. */
export function Inspector({ children }: { readonly children: ReactNode }): ReactNode {
  const { inspector, claim } = useContext(SlotContext);
  useEffect(() => {
    claim("inspector", true);
    return () => claim("inspector", false);
  }, [claim]);
  return into(inspector, children);
}

/** Further states in the foot, after saved, model and engine. */
export function Foot({ children }: { readonly children: ReactNode }): ReactNode {
  return into(useContext(SlotContext).foot, children);
}
