import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@garam/service/load-config';

/** In a data folder while it is being moved, and after. */
export interface FolderNote {
  /** Id of the log that takes over; null: nothing has been written there yet. */
  toLog: string | null;
  isComplete: boolean;
  at: string;
}

const pathIn = (folder: string) => join(folder, 'migrated.json');

/** null: nobody has moved this folder. */
export function readFolderNote(folder: string): FolderNote | null {
  const path = pathIn(folder);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as FolderNote) : null;
}

export function writeFolderNote(folder: string, note: FolderNote): void {
  const unfinished = `${pathIn(folder)}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(note, undefined, 2)}\n`);
  renameSync(unfinished, pathIn(folder));
}

/** Keeps Garam from being started on the folder, before anything is done with it. */
export function reserveFolder(folder: string): void {
  if (readFolderNote(folder) === null)
    writeFolderNote(folder, { toLog: null, isComplete: false, at: new Date().toISOString() });
}

/** Gives back a folder of which nothing has been written elsewhere. */
export function releaseFolder(folder: string): void {
  if (readFolderNote(folder)?.toLog === null) rmSync(pathIn(folder));
}

/**
 * Two servers under one log's name would give two histories to one cursor.
 * @throws ConfigError the folder's chats have moved, or are about to
 */
export function refuseMovedFolder(folder: string): void {
  const note = readFolderNote(folder);
  if (note === null) return;
  const what = note.isComplete ? 'were moved' : 'are being moved';
  throw new ConfigError([
    `${folder}: its chats ${what} to another log (${note.at}). Start Garam on that one, or delete ${pathIn(folder)} to go on here and leave that one unused`,
  ]);
}
