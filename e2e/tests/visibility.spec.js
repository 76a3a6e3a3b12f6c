// Customers kept apart by channel: who belongs to one sees its customers only.
import { address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

const addChannel = async (page, name, prefix, asks = []) => {
  await page.goto(address('/settings/channels/new'));
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByLabel('Kind').selectOption('pos');
  await page.getByLabel('Numbers begin with').fill(prefix);
  for (const field of asks) await page.getByRole('group', { name: 'Add new' }).getByLabel(field, { exact: true }).check();
  await shot(page, 'channel-form');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save channel' }).click();
  await page.waitForURL('**/settings/channels');
};

const addCustomer = async (page, name, channel) => {
  await page.goto(address('/customers/new'));
  await page.getByLabel('First name').fill(name);
  await page.getByLabel('Last name').fill('Apart');
  await page.getByLabel('E-mail address').first().fill(`${name.toLowerCase()}@apart.example`);
  await page.getByLabel('Phone').first().fill('010 2223344');
  await page.getByLabel('Home channel').selectOption({ label: channel });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  return page.url();
};

test('who belongs to a channel sees its customers only', async ({ page, browser }) => {
  await signIn(page);
  await addChannel(page, 'Harbour till', 'HARB');
  await addChannel(page, 'Hillside till', 'HILL');
  const seen = await addCustomer(page, 'Harbouranna', 'Harbour till');
  const unseen = await addCustomer(page, 'Hillsideben', 'Hillside till');

  await page.goto(address('/settings/staff'));
  await page.getByRole('link', { name: 'Accountant' }).first().click();
  await page.getByLabel('Harbour till').check();
  await shot(page, 'staff-channels');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL('**/settings/staff');
  await expect(page.getByRole('row', { name: /Accountant/ })).toContainText('Harbour till');
  await page.goto(address('/settings/customers'));
  await page.getByLabel('Customers of other channels').selectOption({ label: 'People see the customers of their channels' });
  await shot(page, 'settings-visibility');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Settings saved' })).toBeVisible();

  const other = await browser.newContext();
  const clerk = await other.newPage();
  await signIn(clerk, 'accountant', { isFresh: true });
  await clerk.goto(address('/customers?q=apart.example'));
  await expect(clerk.locator('main')).toContainText('Harbouranna');
  await expect(clerk.locator('main')).not.toContainText('Hillsideben');
  await shot(clerk, 'list-of-a-channel');
  expect((await clerk.goto(seen)).status()).toBe(200);
  expect((await clerk.goto(unseen)).status()).toBe(404);
  await shot(clerk, 'customer-of-another-channel');
  await clerk.goto(address('/customers'));
  await clerk.keyboard.press('/');
  await clerk.keyboard.type('Hillsideben');
  await expect(clerk.getByText('Nothing found')).toBeVisible();
  await other.close();
});

test('the form of a new customer asks for what its channel asks for', async ({ page }) => {
  await signIn(page);
  await addChannel(page, 'Postal counter', 'POST', ['Postcode']);
  await expect(page.getByRole('row', { name: /Postal counter/ })).toContainText('Own entry forms');
  await page.goto(address('/customers/new?form=full'));
  const star = (field) => page.locator('label', { hasText: field }).first().locator('.field-need');
  await expect(star('First name')).toBeVisible();
  await expect(star('Postcode')).toHaveCount(0);
  await page.getByLabel('Home channel').selectOption({ label: 'Postal counter' });
  await expect(star('Postcode')).toBeVisible();
  await expect(star('First name')).toHaveCount(0);
  await shot(page, 'form-of-a-channel');
  await page.getByLabel('Last name').fill('Counter');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.locator('.field-error', { hasText: 'Enter the postcode.' })).toBeVisible();
  await expect(star('Postcode')).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel('Postcode').fill('2611 AB');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
});

test('on a phone the menu of the chosen rows stays on the screen', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await signIn(page);
  await page.locator('tbody input[name="id"]').first().check();
  await page.locator('.picked summary', { hasText: 'More' }).click();
  const list = page.locator('.picked .menu-list');
  await expect(list).toBeVisible();
  const { x, width } = await list.boundingBox();
  expect(x).toBeGreaterThanOrEqual(0);
  expect(x + width).toBeLessThanOrEqual(390);
  await shot(page, 'picked-menu-phone');
});
