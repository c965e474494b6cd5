import { createContext, useContext } from "react";
import type { Boot } from "./boot";

const Context = createContext<Boot | null>(null);

export const BootProvider = Context.Provider;

export function useBoot(): Boot {
  const boot = useContext(Context);
  if (boot === null) throw new Error("useBoot outside of the studio");
  return boot;
}
