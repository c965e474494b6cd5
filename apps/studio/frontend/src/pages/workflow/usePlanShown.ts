import { useLocalStorage } from "@mantine/hooks";

/** Whether the canvas and the inspector say how the workflow will be run: off until somebody asks, then remembered. */
export const usePlanShown = () =>
  useLocalStorage({ key: "uzo-canvas-plan", defaultValue: false, getInitialValueInEffect: false });
