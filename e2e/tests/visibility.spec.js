// Customers kept apart by channel: who belongs to one sees its customers only.
import { address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

const addChannel = async (page, name, prefix) => {
  await page.goto(address('/settings/channels/new'));
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByLabel('Kind').selectOption('pos');
  await page.getByLabel('Numbers begin with').fill(prefix);
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
