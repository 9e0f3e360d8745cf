/** The door of `app`: nothing comes after it; the test of refusals reads its codes here. */
export { refusals } from "./refusals.ts";
