/** Limits a server announces in `hello`'s ok. Sizes in bytes of UTF-8. */
export interface Limits {
  frameBytes: number;
  textBytes: number;
  dataBytes: number;
  inflight: number;
  open: number;
  /** A chat with more members than this is big: receipts and typing go to viewers only. */
  bigChat: number;
  retryDays: number;
}

export const LIMITS: Limits = {
  frameBytes: 65_536,
  textBytes: 16_384,
  dataBytes: 4_096,
  inflight: 32,
  open: 200,
  bigChat: 100,
  retryDays: 6,
};

/** Frames in one WebSocket message. */
export const BATCH_MAX = 100;
/** Pages end early at this size. */
export const PAGE_BYTES = 262_144;
export const JSON_DEPTH_MAX = 32;
export const HELLO_TIMEOUT_MS = 5_000;
export const HEARTBEAT = { intervalMs: 25_000, timeoutMs: 10_000 } as const;
export const TYPING_TTL_MS = 6_000;
export const PRESENCE_WATCH_MAX = 1_000;
/** Frames without a usable id before the connection is closed with 4505. */
export const UNUSABLE_FRAMES_MAX = 10;
