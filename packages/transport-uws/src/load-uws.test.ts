import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadUws } from './load-uws.ts';

test('a module that is not installed is named, with the official way to install it', async () => {
  const load = loadUws('/nowhere/uWebSockets.js');
  await expect(load).rejects.toThrow('/nowhere/uWebSockets.js is not installed');
  await expect(load).rejects.toThrow('npm install --no-save uNetworking/uWebSockets.js#v');
});

test('a module that cannot be loaded on this system says why', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'garam-uws-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'index.js'), "throw new Error('GLIBC_2.38 not found')");
  await expect(loadUws(folder)).rejects.toThrow(/glibc 2\.38 or newer.*GLIBC_2\.38 not found/);
});
