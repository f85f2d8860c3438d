import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { announceLeftOut, findChromium, HOW_TO_INSTALL } from './find-chromium.ts';
import { createGaramProcess, type GaramProcess } from './garam-process.ts';
import { Tab } from './tab.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What Chromium itself reports while nobody listens on the port; the page cannot prevent it. */
const SERVER_DOWN = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|Error in connection establishment/u;
const executablePath = findChromium();
const isCi = process.env['CI'] === 'true';
if (!executablePath) announceLeftOut();

describe.skipIf(!executablePath && !isCi)('two tabs of a real browser', () => {
  let browser: Browser;
  let garam: GaramProcess;
  let context: BrowserContext;
  let complaints: string[];

  beforeAll(async () => {
    if (!executablePath) throw new Error(HOW_TO_INSTALL);
    browser = await chromium.launch({ executablePath, args: FLAGS });
  });
  afterAll(() => browser?.close());

  beforeEach(async () => {
    complaints = [];
    garam = await createGaramProcess();
    await garam.start();
    context = await newContext('en-US');
  });
  afterEach(async () => {
    await context?.close();
    await garam?.remove();
    expect(complaints, 'console errors, page errors and CSP violations').toEqual([]);
  });

  async function newContext(locale: string): Promise<BrowserContext> {
    const made = await browser.newContext({ locale, viewport: { width: 1000, height: 700 } });
    await made.exposeBinding('reportViolation', (_source, directive: string) => complaints.push(`CSP: ${directive}`));
    await made.addInitScript(
      `addEventListener('securitypolicyviolation', (event) => reportViolation(event.violatedDirective + ' ' + event.blockedURI));`,
    );
    made.on('page', (page: Page) => {
      page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error' && !SERVER_DOWN.test(message.text())) complaints.push(message.text());
      });
    });
    return made;
  }

  async function tab(name: string): Promise<Tab> {
    const opened = new Tab(await context.newPage());
    await opened.signIn(garam.url, name);
    return opened;
  }

  /** Alice and Bob with their direct chat open. */
  async function aliceAndBob(): Promise<[Tab, Tab]> {
    const alice = await tab('Alice');
    const bob = await tab('Bob');
    await alice.startChat('Bob');
    await alice.say('hello');
    await bob.openChat('Alice');
    await bob.shows(['hello']);
    await alice.shows(['hello']);
    return [alice, bob];
  }

  test('a first visit asks for a name only, under a strict content security policy', async () => {
    const page = await context.newPage();
    const response = await page.goto(garam.url);
    const policy = (await response?.headerValue('content-security-policy')) ?? '';
    expect(policy).toContain(`script-src 'self'`);
    expect(policy).toContain(`style-src 'self'`);
    expect(policy).toContain(`require-trusted-types-for 'script'`);
    expect(policy).not.toContain('unsafe');
    await page.locator('#sign-in-name').waitFor();
    expect(await page.locator('input:visible, textarea:visible').count()).toBe(1);
  });

  test('two names chat: unread badge, bubbles, typing line and read count move by themselves', async () => {
    const alice = await tab('Alice');
    const bob = await tab('Bob');
    await alice.startChat('Bob');
    await alice.say('one');
    await alice.say('two');
    await alice.shows(['one', 'two']);
    await expect.poll(() => bob.page.locator('.badge').textContent()).toBe('2');
    expect(await alice.page.locator('.unread-by').allTextContents()).toEqual(['1', '1']);
    await bob.openChat('Alice');
    await bob.shows(['one', 'two']);
    await bob.page.locator('.badge').waitFor({ state: 'detached' });
    await alice.page.locator('.unread-by').first().waitFor({ state: 'detached' });
    await bob.page.locator('#composer-text').pressSequentially('thr');
    await expect.poll(() => alice.page.locator('#typing').textContent()).toContain('Bob is typing');
    await bob.page.locator('#composer-text').press('Enter');
    await alice.shows(['one', 'two', 'thr']);
    await expect.poll(() => alice.page.locator('#typing').textContent()).toBe('');
  });

  test('after kill -9 and a new start nothing is missing, and open tabs resume by themselves', async () => {
    const [alice, bob] = await aliceAndBob();
    const said = ['hello'];
    for (let i = 0; i < 10; i++) {
      for (const [who, text] of [
        [alice, `a${i}`],
        [bob, `b${i}`],
      ] as const) {
        await who.say(text);
        said.push(text);
        await Promise.all([alice.shows(said), bob.shows(said)]);
      }
    }
    await garam.kill();
    await Promise.all([alice.offline(), bob.offline()]);
    await garam.start();
    await Promise.all([alice.online(), bob.online()]);
    await Promise.all([alice.shows(said), bob.shows(said)]);
    await alice.say('still here');
    await bob.shows([...said, 'still here']);
    await bob.say('so am I');
    said.push('still here', 'so am I');
    await Promise.all([alice.shows(said), bob.shows(said)]);
    // What the tabs held in memory proves nothing about the disk: read everything again.
    await Promise.all([alice.page.reload(), bob.page.reload()]);
    await Promise.all([alice.shows(said), bob.shows(said)]);
    expect(await bob.texts()).toEqual(await alice.texts());
  });

  test('messages sent while the server is down arrive once and in order when it is back', async () => {
    const [alice, bob] = await aliceAndBob();
    await garam.kill();
    await alice.offline();
    for (const text of ['first', 'second', 'third']) await alice.say(text);
    expect(await alice.page.locator('.pending .sending').count()).toBe(3);
    await garam.start();
    const said = ['hello', 'first', 'second', 'third'];
    await Promise.all([alice.shows(said), bob.shows(said)]);
    await Promise.all([alice.page.reload(), bob.page.reload()]);
    await Promise.all([alice.shows(said), bob.shows(said)]);
  });

  test('an unsent message survives the closing of its tab and is sent by the next one', async () => {
    const [alice, bob] = await aliceAndBob();
    await garam.kill();
    await alice.offline();
    await alice.say('from a closed tab');
    await alice.page.close();
    await garam.start();
    await bob.online();
    const next = await tab('Alice');
    await bob.shows(['hello', 'from a closed tab']);
    await next.openChat('Bob');
    await next.shows(['hello', 'from a closed tab']);
    expect(await next.page.locator('.flag').count()).toBe(0);
  });

  test('markup in names, titles and messages is shown as text', async () => {
    const evil = `<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>`;
    const alice = await tab('Alice');
    const bob = await tab('Bob');
    await alice.page.locator('#new-group').click();
    await alice.page.locator('#new-group-title').fill(evil);
    await alice.page.locator('#new-group-members').fill('Bob');
    await alice.page.keyboard.press('Enter');
    await alice.page.locator('#chat').waitFor();
    await alice.say(`${evil} javascript:alert(1)`);
    await bob.openChat('<img');
    await bob.shows([`${evil} javascript:alert(1)`]);
    expect(await bob.page.locator('#chat-title').textContent()).toBe(evil);
    for (const { page } of [alice, bob]) {
      expect(await page.locator('#app img, #app script, #messages a').count()).toBe(0);
      expect(await page.evaluate('window.pwned')).toBeUndefined();
    }
  });

  test('older messages load when the reader scrolls up, and the line being read stays in place', async () => {
    const [alice, bob] = await aliceAndBob();
    await bob.page.close();
    const said = ['hello'];
    for (let i = 1; i <= 89; i++) {
      said.push(`line ${i}`);
      await alice.say(`line ${i}`);
    }
    await alice.shows(said);
    await alice.page.reload();
    await expect.poll(async () => (await alice.texts()).at(-1)).toBe('line 89');
    expect((await alice.texts()).length).toBeLessThan(90);
    const first = alice.page.locator('[data-seq="41"]');
    await first.waitFor();
    const before = await alice.page.evaluate<number>(`(() => {
      document.querySelector('#scroller').scrollTop = 0;
      return document.querySelector('[data-seq="41"]').getBoundingClientRect().y;
    })()`);
    await alice.shows(said);
    const after = (await first.boundingBox())?.y ?? Number.NaN;
    expect(Math.abs(after - before)).toBeLessThanOrEqual(1);
  });

  test('Enter while a Korean syllable is being composed sends once, with the syllable in it', async () => {
    const [alice, bob] = await aliceAndBob();
    const cdp = await context.newCDPSession(alice.page);
    await alice.page.locator('#composer-text').focus();
    await cdp.send('Input.insertText', { text: '안녕하세' });
    await cdp.send('Input.imeSetComposition', { text: '요', selectionStart: 1, selectionEnd: 1 });
    const enter = { key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229 };
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    expect(await alice.texts()).toEqual(['hello']);
    expect(await alice.page.locator('#composer-text').inputValue()).toBe('안녕하세요');
    await cdp.send('Input.insertText', { text: '요' });
    await alice.page.locator('#composer-text').press('Enter');
    await Promise.all([alice.shows(['hello', '안녕하세요']), bob.shows(['hello', '안녕하세요'])]);
    expect(await alice.page.locator('#composer-text').inputValue()).toBe('');
    // Some input methods finish the syllable and then ask for the line break without another key.
    await alice.page.locator('#composer-text').fill('네');
    await cdp.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
    await alice.page.evaluate(`document.querySelector('#composer-text').dispatchEvent(
      new InputEvent('beforeinput', { inputType: 'insertLineBreak', bubbles: true, cancelable: true }),
    )`);
    await bob.shows(['hello', '안녕하세요', '네']);
  });

  test('a Korean browser gets Korean texts, and the switch changes them', async () => {
    await context.close();
    context = await newContext('ko-KR');
    const page = await context.newPage();
    await page.goto(garam.url);
    await page.locator('#sign-in-name').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    expect(await page.locator('#sign-in h1').textContent()).toBe('이름을 알려 주세요');
    const minji = await tab('민지');
    expect(await minji.page.locator('.sidebar-title').textContent()).toBe('채팅');
    await minji.startChat('민지');
    await minji.say('메모');
    await minji.shows(['메모']);
    expect(await minji.page.locator('#chat-title').textContent()).toBe('나와의 채팅');
    expect(await minji.page.locator('time').first().textContent()).toMatch(/오전|오후/u);
    await minji.page.locator('.sidebar .language').selectOption('en');
    expect(await minji.page.locator('.sidebar-title').textContent()).toBe('Chats');
    expect(await minji.page.locator('#chat-title').textContent()).toBe('Notes to self');
  });
});
