/** Files as sources: a folder, an SFTP server, an upload. */
export { folderSource, type FolderConfig } from "./folder.ts";
export { sftpSource, type SftpConfig } from "./sftp.ts";
export { uploadReceiver, type UploadConfig } from "./upload.ts";
export { fileRefusals } from "./refusals.ts";
export { readWhole, type WholeFile, wholeFormats } from "./whole.ts";
export { type BankFile, type BankMovement, type BankStatementFile, readBankFile, startOfTable, type StatementColumns, type TableStart } from "./bank-file.ts";
