// What the tests share: signing in, looking for accessibility faults, keeping screenshots.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { test as base, expect } from '@playwright/test';

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

export const address = (path) => process.env.CLIENTELE_URL + path;

/** Each test has a page whose console stays clean: an error there is a fault of ours. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      const isOurs = message.type() === 'error' && !/status of (4\d\d)/.test(message.text());
      if (isOurs) complaints.push(message.text());
    });
    await use(page);
    expect(complaints).toEqual([]);
  },
});

const sessions = new Map();

async function typeSignIn(page, role) {
  await page.goto(address('/sign-in'));
  await page.getByLabel('E-mail address').fill(`${role}@demo.example`);
  await page.getByLabel('Password').fill('clientele-demo');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/dashboard');
}

/** Signs in, or goes on in the session of an earlier test: hashing a password takes long by design. */
export async function signIn(page, role = 'administrator', { isFresh = false } = {}) {
  if (isFresh || !sessions.has(role)) {
    await typeSignIn(page, role);
    if (!isFresh) sessions.set(role, await page.context().cookies());
  } else {
    await page.context().addCookies(sessions.get(role));
  }
  await page.goto(address('/customers'));
}

/** Fails on any serious fault that axe finds; says where. */
export async function expectAccessible(page) {
  await page.evaluate(await readFile(axeFile, 'utf8'));
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => ['serious', 'critical', 'moderate'].includes(impact))
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} (${failureSummary.split('\n')[1]?.trim()})`).slice(0, 3).join('; ')}`);
  });
  expect(found, page.url()).toEqual([]);
}

export async function shot(page, name) {
  await page.screenshot({ path: `output/${name}.png` });
}

/** A new customer of this test's own. */
export async function addCustomer(page, lastName) {
  await page.goto(address('/customers/new?form=quick'));
  await page.getByLabel('First name').fill('Test');
  await page.getByLabel('Last name').fill(lastName);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  return page.url();
}

export { expect };
