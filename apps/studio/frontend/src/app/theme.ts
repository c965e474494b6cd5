import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";
import { text } from "~/text";

const iris: MantineColorsTuple = [
  "#f2f1ff",
  "#e3e1ff",
  "#c8c4fe",
  "#aba5fb",
  "#9389f5",
  "#8075ef",
  "#6f64e8",
  "#5d51d6",
  "#5046bd",
  "#40389c",
];
const gray: MantineColorsTuple = [
  "#f7f8fa",
  "#eff1f4",
  "#e4e7ec",
  "#d4d8df",
  "#b8bec9",
  "#8b93a1",
  "#6a7280",
  "#4e5561",
  "#343a44",
  "#1b1f26",
];
const dark: MantineColorsTuple = [
  "#e4e7ec",
  "#b9bfca",
  "#979eac",
  "#6a7280",
  "#414852",
  "#2e343d",
  "#242931",
  "#1a1e24",
  "#13161b",
  "#0c0e12",
];

export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: { light: 7, dark: 6 },
  colors: { iris, gray, dark },
  black: "#1b1f26",
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', 'Cascadia Code', Menlo, Consolas, monospace",
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  defaultRadius: 6,
  cursorType: "pointer",
  respectReducedMotion: true,
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.25rem", lineHeight: "1.75rem" },
      h2: { fontSize: "1rem", lineHeight: "1.5rem" },
      h3: { fontSize: "0.875rem", lineHeight: "1.25rem" },
    },
  },
  components: {
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": text.close },
        overlayProps: { backgroundOpacity: 0.35 },
        transitionProps: { duration: 120, transition: "fade" },
      },
      styles: { title: { fontWeight: 600 } },
    },
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } } },
    Menu: {
      // A menu's children are its items: the placeholder that would take the focus is none.
      defaultProps: { transitionProps: { duration: 100 }, shadow: "md", withInitialFocusPlaceholder: false },
    },
    Tooltip: {
      defaultProps: { openDelay: 300, transitionProps: { duration: 80 }, withArrow: false, fz: "xs" },
    },
    HoverCard: { defaultProps: { transitionProps: { duration: 100 } } },
    // One line below the tabs, as thin as every other line; the chosen one's is thicker.
    Tabs: {
      styles: {
        root: { "--tab-border-color": "var(--line)" },
        list: { "--tabs-list-border-size": "0 0 1px 0" },
        tab: { marginBottom: -1 },
      },
    },
    SegmentedControl: {
      defaultProps: { withItemsBorders: false, transitionDuration: 120 },
      styles: { root: { background: "var(--sunken)" }, label: { paddingInline: 8 } },
    },
  },
});

/** Surfaces of both themes; everything else uses these names (`tokens.css`). */
export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-body": "#ffffff",
    "--mantine-color-dimmed": "#5f6775",
    "--mantine-color-placeholder": "#6a7280",
    "--mantine-color-default-border": "#dfe3e9",
  },
  dark: {
    "--mantine-color-body": "#1a1e24",
    "--mantine-color-dimmed": "#9aa2b0",
    "--mantine-color-placeholder": "#9aa2b0",
    "--mantine-color-default-border": "#2e343d",
    "--mantine-color-iris-light": "#2a2750",
    "--mantine-color-iris-light-hover": "#332f63",
    "--mantine-color-iris-light-color": "#c8c4fe",
  },
});
