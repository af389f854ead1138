/** Sources over REST; all but `status` are an admin's. */
import { api, type CallOptions } from "./call";
import type { NewSource, SourceEdit } from "./schema";

export const sourceStatus = (options?: CallOptions) => api.get("/api/status", options);
export const listSourceKinds = (options?: CallOptions) => api.get("/api/source-kinds", options);
export const listSources = (options?: CallOptions) => api.get("/api/sources", options);
export const getSource = (name: string, options?: CallOptions) =>
  api.get("/api/sources/{name}", { path: { name }, ...options });
export const createSource = (source: NewSource) => api.post("/api/sources", { body: source });
export const editSource = (name: string, edit: SourceEdit) =>
  api.patch("/api/sources/{name}", { path: { name }, body: edit });
export const deleteSource = (name: string) => api.delete("/api/sources/{name}", { path: { name } });
export const startSource = (name: string) => api.post("/api/sources/{name}/start", { path: { name } });
export const stopSource = (name: string) => api.post("/api/sources/{name}/stop", { path: { name } });
export const runSource = (name: string) => api.post("/api/sources/{name}/run", { path: { name } });

/** Reads a saved page as the source would; its listings are taken in where `publish` says so. */
export const readPage = (name: string, page: Blob, params: { url?: string; publish?: boolean }) =>
  api.post("/api/sources/{name}/page", { path: { name }, query: params, body: page });
