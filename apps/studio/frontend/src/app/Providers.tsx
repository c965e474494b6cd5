import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "./tokens.css";
import { MantineProvider } from "@mantine/core";
import { setNonce } from "get-nonce";
import { type ReactNode, StrictMode } from "react";
import { styleNonce } from "./boot";
import { theme, variables } from "./theme";

const nonce = styleNonce();
// Dialogs lock the page behind them by a style element of their own, which needs the nonce too.
setNonce(nonce);

/** What every page of ours stands on: theme and colour scheme. */
export function Providers({ children }: { children: ReactNode }) {
  return (
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={variables}
        defaultColorScheme="auto"
        getStyleNonce={() => nonce}
      >
        {children}
      </MantineProvider>
    </StrictMode>
  );
}
