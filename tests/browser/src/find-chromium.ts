import { accessSync, appendFileSync, constants } from 'node:fs';

const USUAL_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

export const HOW_TO_INSTALL =
  'No Chromium found. Install it (Debian, Ubuntu: apt-get install chromium fonts-noto-cjk; macOS: brew install --cask chromium) ' +
  'or set GARAM_CHROMIUM to the path of a Chrome or Chromium.';

/** The Chromium of this machine: `GARAM_CHROMIUM`, else the usual paths. */
export function findChromium(): string | undefined {
  const asked = process.env['GARAM_CHROMIUM'];
  return (asked ? [asked] : USUAL_PATHS).find(isExecutable);
}

/** Says loudly that the browser tests are left out, and notes it in the file `GARAM_LEFT_OUT` names. */
export function announceLeftOut(): void {
  const line = '!'.repeat(100);
  console.warn(`\n${line}\nLEFT OUT: the tests in a real browser did not run.\n${HOW_TO_INSTALL}\n${line}\n`);
  const file = process.env['GARAM_LEFT_OUT'];
  if (file) appendFileSync(file, `tests/browser: ${HOW_TO_INSTALL}\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
