import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@garam/service/load-config';

/** Left in a data folder from the moment its chats go elsewhere. */
export interface FolderNote {
  /** Id of the log that takes over. */
  toLog: string;
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
