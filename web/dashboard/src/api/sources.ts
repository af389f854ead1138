/** Sources over REST; all but `status` are an admin's. */
import { api, type CallOptions } from "./call";
import type { JsonObject, NewSource, PageView, SourceEdit, SourceKinds, Sources, SourceView } from "./schema";

export const sourceStatus = (options?: CallOptions): Promise<JsonObject> => api.get("/api/status", options);
export const listSourceKinds = (options?: CallOptions): Promise<SourceKinds> => api.get("/api/source-kinds", options);
export const listSources = (options?: CallOptions): Promise<Sources> => api.get("/api/sources", options);
export const getSource = (name: string, options?: CallOptions): Promise<SourceView> =>
  api.get("/api/sources/{name}", { path: { name }, ...options });
export const createSource = (source: NewSource): Promise<SourceView> => api.post("/api/sources", { body: source });
export const editSource = (name: string, edit: SourceEdit): Promise<SourceView> =>
  api.patch("/api/sources/{name}", { path: { name }, body: edit });
export const deleteSource = (name: string): Promise<void> => api.delete("/api/sources/{name}", { path: { name } });
export const startSource = (name: string): Promise<SourceView> => api.post("/api/sources/{name}/start", { path: { name } });
export const stopSource = (name: string): Promise<SourceView> => api.post("/api/sources/{name}/stop", { path: { name } });
export const runSource = (name: string): Promise<SourceView> => api.post("/api/sources/{name}/run", { path: { name } });

/** Reads a saved page as the source would; its listings are taken in where `publish` says so. */
export const readPage = (name: string, page: Blob, params: { url?: string; publish?: boolean }): Promise<PageView> =>
  api.post("/api/sources/{name}/page", { path: { name }, query: params, body: page });
