import { createTheme, type CSSVariablesResolver } from "@mantine/core";
import { dark, fontFamily, light, type Tokens } from "./tokens.ts";

/** Mantine in our tokens. Index 6 is the light accent, index 4 the dark one. */
export const theme = createTheme({
  fontFamily,
  headings: { fontFamily, fontWeight: "600" },
  fontSizes: { xs: "11px", sm: "13px", md: "14px", lg: "15px", xl: "18px" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "20px", xl: "28px" },
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "10px", xl: "12px" },
  defaultRadius: "md",
  primaryColor: "accent",
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.35,
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: {
    accent: [
      "#e3f1f0",
      "#c5e2e0",
      "#9fd0cc",
      "#76c3bd",
      "#4fb9b2",
      "#2a918d",
      "#0b6e6e",
      "#095c5c",
      "#074a4a",
      "#053838",
    ],
    dark: [
      "#e6ebf1",
      "#c3ccd6",
      "#93a0ae",
      "#6b7a89",
      "#2a343f",
      "#232d38",
      "#1a222b",
      "#171e26",
      "#10151b",
      "#0b0f14",
    ],
    gray: [
      "#f6f7f9",
      "#f0f2f5",
      "#e6eaef",
      "#dfe4ea",
      "#c6ced8",
      "#9aa5b1",
      "#5c6876",
      "#434e5b",
      "#2b3541",
      "#17202b",
    ],
  },
  components: {
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        transitionProps: { duration: 100 },
        overlayProps: { backgroundOpacity: 0.35 },
      },
    },
    ModalHeader: { defaultProps: { role: "presentation" } }, // the page has one banner, and a dialog is none
    Button: {
      defaultProps: { size: "sm" },
      styles: { root: { "--button-height-sm": "32px", "--button-padding-x-sm": "12px", fontWeight: 500 } },
    },
    InputWrapper: {
      styles: {
        label: { fontSize: 12, fontWeight: 400, color: "var(--kodo-dim)", marginBottom: 3 },
        description: { fontSize: 11.5, lineHeight: 1.45, marginTop: 4 },
      },
    },
    Input: { styles: { wrapper: { "--input-height-sm": "32px" } } },
    TextInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    NumberInput: { defaultProps: { size: "sm" } },
    Select: {
      defaultProps: {
        size: "sm",
        allowDeselect: false,
        comboboxProps: { transitionProps: { duration: 80 } },
      },
    },
    MultiSelect: { defaultProps: { size: "sm" } },
    Checkbox: { defaultProps: { size: "xs" }, styles: { label: { fontSize: 12.5 } } },
    Switch: {
      defaultProps: { size: "xs" },
      styles: { label: { fontSize: 13 }, description: { fontSize: 11.5, lineHeight: 1.45 } },
    },
    Chip: { defaultProps: { variant: "light" } },
    SegmentedControl: { defaultProps: { size: "xs", transitionDuration: 100 } },
    Notification: { styles: { root: { border: "1px solid var(--kodo-line-strong)", boxShadow: "none" } } },
    Tooltip: { defaultProps: { openDelay: 400, transitionProps: { duration: 80 } } },
    Popover: { defaultProps: { transitionProps: { duration: 80 } } },
    Menu: { defaultProps: { transitionProps: { duration: 80 } } },
  },
});

const variables = (t: Tokens) => ({
  "--mantine-color-body": t.panel,
  "--mantine-color-text": t.ink,
  "--mantine-color-dimmed": t.dim,
  "--mantine-color-default": t.panel,
  "--mantine-color-default-hover": t.raised,
  "--mantine-color-default-border": t.line,
  "--mantine-color-placeholder": t.dim,
  "--mantine-color-error": t.bad,
  "--mantine-color-anchor": t.accent,
  "--mantine-primary-color-contrast": t.accentInk,
  "--mantine-color-accent-light": t.accentWash,
  "--mantine-color-accent-light-hover": t.accentWash,
  "--mantine-color-accent-light-color": t.accent,
});
export const variablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: variables(light),
  dark: variables(dark),
});
