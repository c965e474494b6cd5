/** The panels round the canvas, as they are before anybody moved them; a narrow window is left to the canvas. */

import { usePanel } from "~/parts/Splitter";

const WIDE = 1100;

export const usePalette = () => usePanel("palette", { size: 232, open: window.innerWidth >= WIDE });
export const useInspector = () => usePanel("inspector", { size: 352, open: window.innerWidth >= WIDE });
export const useDrawer = () => usePanel("drawer", { size: 264, open: true });
