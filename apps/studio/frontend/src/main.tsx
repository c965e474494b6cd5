import { createRoot } from "react-dom/client";
import { App } from "~/app/App";
import { type Boot, readBoot } from "~/app/boot";
import { Providers } from "~/app/Providers";

const root = document.getElementById("studio");
if (root === null) throw new Error("the page has no place for the studio");
createRoot(root).render(
  <Providers>
    <App boot={readBoot<Boot>()} />
  </Providers>,
);
