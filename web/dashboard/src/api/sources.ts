/** Sources over REST; all but `status` are an admin's. */
import { type CallOptions, del, get, patch, post, query } from "./call";
import type { NewSource, PageView, SourceEdit, SourceKinds, Sources, SourceView } from "./schema";

const path = (name: string): string => `/api/sources/${encodeURIComponent(name)}`;

export const sourceStatus = (options?: CallOptions): Promise<Record<string, boolean>> => get("/api/status", options);
export const listSourceKinds = (options?: CallOptions): Promise<SourceKinds> => get("/api/source-kinds", options);
export const listSources = (options?: CallOptions): Promise<Sources> => get("/api/sources", options);
export const getSource = (name: string, options?: CallOptions): Promise<SourceView> => get(path(name), options);
export const createSource = (source: NewSource): Promise<SourceView> => post("/api/sources", source);
export const editSource = (name: string, edit: SourceEdit): Promise<SourceView> => patch(path(name), edit);
export const deleteSource = (name: string): Promise<void> => del(path(name));
export const startSource = (name: string): Promise<SourceView> => post(`${path(name)}/start`);
export const stopSource = (name: string): Promise<SourceView> => post(`${path(name)}/stop`);
export const runSource = (name: string): Promise<SourceView> => post(`${path(name)}/run`);

/** Reads a saved page as the source would; its listings are taken in where `publish` says so. */
export const readPage = (name: string, page: Blob, params: { url?: string; publish?: boolean }): Promise<PageView> =>
  post(`${path(name)}/page${query(params)}`, page);
