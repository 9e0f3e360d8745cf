/** The command line. Each command is one entry of the table below; `tieout --help` prints the table. */
import { openTerminal, config } from "../platform/index.ts";

const terminal = openTerminal({ isColorOff: config().isColorOff });

terminal.print(`Tieout 业财通: business documents become accounting vouchers.

usage: tieout <command> [options]

  --help       this text
  --version    the version`);
