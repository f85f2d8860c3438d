import { newClientId } from './client-id.js';

/**
 * The device id of this tab. Each open tab of a user holds one of the user's device slots under a Web Lock, so that
 * two tabs never share a device, and a slot left by a closed or crashed tab (with unsent messages in its outbox) is
 * taken over by the next one.
 */
const TAKE_OVER_MS = 500;

/** @param {string} user */
const slotsKey = (user) => `garam.devices.${user}`;
/** @param {string} user @param {string} device */
const lockName = (user, device) => `garam.device.${user}.${device}`;

/**
 * @param {string} user
 * @returns {Promise<{device: string, abandoned: string[]}>} This tab's device and those whose tabs are gone.
 */
export async function claimDevice(user) {
  const tabKey = `garam.device.${user}`;
  const mine = sessionStorage.getItem(tabKey);
  const known = readSlots(user);
  let device = '';
  // After a reload the old page may hold the lock for a moment: wait for one's own slot, not for others'.
  if (mine && (await hold(lockName(user, mine), TAKE_OVER_MS))) device = mine;
  /** @type {string[]} */
  const abandoned = [];
  for (const slot of known) {
    if (slot === device || !(await hold(lockName(user, slot), 0))) continue;
    if (device) abandoned.push(slot);
    else device = slot;
  }
  if (!device) {
    device = newClientId();
    await hold(lockName(user, device), 0);
  }
  sessionStorage.setItem(tabKey, device);
  const slots = [...readSlots(user).filter((slot) => slot !== device && !abandoned.includes(slot)), device];
  localStorage.setItem(slotsKey(user), JSON.stringify(slots));
  return { device, abandoned };
}

/** @param {string} user @returns {string[]} */
function readSlots(user) {
  return JSON.parse(localStorage.getItem(slotsKey(user)) ?? '[]');
}

/**
 * Takes a lock for the life of the page. Without Web Locks (plain http on another host) only one's own slot counts.
 *
 * @param {string} name
 * @param {number} waitMs
 * @returns {Promise<boolean>}
 */
function hold(name, waitMs) {
  if (!navigator.locks) return Promise.resolve(waitMs > 0);
  return new Promise((resolve) => {
    const options = waitMs > 0 ? { signal: AbortSignal.timeout(waitMs) } : { ifAvailable: true };
    navigator.locks
      .request(name, options, (lock) => {
        resolve(lock !== null);
        return lock && new Promise(() => undefined);
      })
      .catch(() => resolve(false));
  });
}
