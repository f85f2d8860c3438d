import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** Nothing on the page may take longer, reconnecting included (its longest back-off here stays below). */
const PATIENCE_MS = 30_000;

/** One browser tab with the page in it, used as a person uses it. */
export class Tab {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE_MS);
  }

  /** Opens the page for the first time in this tab and gives it a name. */
  async signIn(url: string, name: string): Promise<void> {
    await this.page.goto(url);
    await this.page.locator('#sign-in-name').fill(name);
    await this.page.locator('#sign-in-form button').click();
    await this.online();
  }

  /** Waits until the page says no more that it is not connected. */
  async online(): Promise<void> {
    await this.page.locator('#app').waitFor();
    await this.page.locator('#banner').waitFor({ state: 'hidden' });
  }

  /** Waits until the page says that the connection is lost. */
  async offline(): Promise<void> {
    await this.page.locator('#banner[data-phase=waiting]').waitFor();
  }

  /** Starts a direct chat by typing a name. */
  async startChat(name: string): Promise<void> {
    await this.page.locator('#new-chat').click();
    await this.page.locator('#new-chat-name').fill(name);
    await this.page.keyboard.press('Enter');
    await this.page.locator('#chat').waitFor();
  }

  /** Opens a chat of the list by its title. */
  async openChat(title: string): Promise<void> {
    await this.page.locator('.chat', { has: this.page.locator('.chat-title', { hasText: title }) }).click();
    await this.page.locator('#messages-loading').waitFor({ state: 'hidden' });
  }

  async say(text: string): Promise<void> {
    await this.page.locator('#composer-text').fill(text);
    await this.page.locator('#composer-text').press('Enter');
  }

  /** The texts of all bubbles, unsent ones included, as shown from top to bottom. */
  texts(): Promise<string[]> {
    return this.page.locator('#messages .bubble').allTextContents();
  }

  /** Waits until exactly these bubbles are shown and every own message is confirmed. */
  async shows(texts: string[]): Promise<void> {
    await expect.poll(() => this.texts(), { timeout: PATIENCE_MS, interval: 50 }).toEqual(texts);
    await expect.poll(() => this.page.locator('#messages .pending').count(), { timeout: PATIENCE_MS }).toBe(0);
  }
}
