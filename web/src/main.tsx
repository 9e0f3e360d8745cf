import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { queries } from "./app/api.ts";
import { router } from "./app/router.tsx";
import "./ui/tokens.css";
import "./ui/base.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<QueryClientProvider client={queries}><RouterProvider router={router} /></QueryClientProvider>);
