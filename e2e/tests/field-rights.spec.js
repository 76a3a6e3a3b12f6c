// A field hidden from a role is nowhere on its pages; a masked one shows only that it is there.
import { address, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

const setRight = async (page, field, right) => {
  await page.goto(address('/settings/roles'));
  await page.getByRole('link', { name: 'Reader' }).first().click();
  const choice = page.getByLabel(`${field}: ${right}`, { exact: true });
  await choice.check();
  await page.getByRole('button', { name: 'Save role' }).click();
  await page.waitForURL('**/settings/roles');
};

test('what a role may not see is not on its pages', async ({ page, browser }) => {
  await signIn(page);
  await page.goto(address('/customers/new?form=quick'));
  await page.getByLabel('First name').fill('Canary');
  await page.getByLabel('Last name').fill('Fieldrights');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.waitForURL(/customers\/[0-9a-f-]{36}$/);
  const customer = page.url();
  await page.goto(`${customer}/edit`);
  await page.getByLabel('VAT number').fill('NL123456782B90');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();
  await page.goto(customer);
  await expect(page.locator('main')).toContainText('NL123456782B90');
  await setRight(page, 'VAT number', 'Hidden');

  const other = await browser.newContext();
  const reader = await other.newPage();
  await signIn(reader, 'reader', { isFresh: true });
  for (const path of ['', '/contacts', '/history', '/as-of?moment=v1']) {
    await reader.goto(customer + path);
    await expect(reader.locator('body')).not.toContainText('NL123456782');
  }
  await reader.goto(customer);
  await expect(reader.getByRole('heading', { level: 1 })).toContainText('Canary Fieldrights');
  await expect(reader.locator('main')).not.toContainText('VAT number');
  await shot(reader, 'field-rights');
  await expectAccessible(reader);
  await other.close();
  await setRight(page, 'VAT number', 'Editable');
});
