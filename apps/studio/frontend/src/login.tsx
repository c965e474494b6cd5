import { createRoot } from "react-dom/client";
import { type LoginBoot, type ResetBoot, readBoot } from "~/app/boot";
import { Providers } from "~/app/Providers";
import { LoginPage } from "~/pages/login/LoginPage";
import { ResetPasswordPage } from "~/pages/login/ResetPasswordPage";

const root = document.getElementById("studio");
if (root === null) throw new Error("the page has no place for the studio");
const boot = readBoot<LoginBoot | ResetBoot>();
createRoot(root).render(
  <Providers>
    {boot.page === "login" ? <LoginPage boot={boot} /> : <ResetPasswordPage boot={boot} />}
  </Providers>,
);
