import { createContext, useContext } from "react";
import { tokensOf, type Scheme, type Tokens } from "./tokens.ts";

/** Which tokens are on screen: for canvases and ECharts, which cannot read custom properties. */
export const SchemeContext = createContext<Scheme>("light");
export const useScheme = (): Scheme => useContext(SchemeContext);
export const useTokens = (): Tokens => tokensOf(useScheme());
