export { serveDir } from "./file_server/serve_dir.ts";
export type { ServeDirOptions } from "./file_server/serve_dir.ts";
export { serveFile } from "./file_server/serve_file.ts";
export type { ServeFileOptions } from "./file_server/serve_file.ts";
