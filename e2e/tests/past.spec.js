// A customer's past: as of a moment, two moments compared, one field and a whole state put back.
import { addCustomer, expect, expectAccessible, shot, signIn, test } from '../support/shop.js';

test.beforeEach(async ({ page }) => signIn(page));

async function rename(page, customer, lastName) {
  await page.goto(`${customer}/edit`);
  await page.getByLabel('Last name').fill(lastName);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Customer saved' })).toBeVisible();
}

test('the page as of a moment, two moments compared, a field and a state put back', async ({ page }) => {
  const customer = await addCustomer(page, 'Firstname-then');
  await rename(page, customer, 'Secondname');
  await rename(page, customer, 'Thirdname');
  await page.goto(`${customer}/history`);
  await page.getByRole('link', { name: 'See it as of then' }).last().click();
  await expect(page.getByRole('status').first()).toContainText('As it was on');
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Firstname-then');
  await expect(page.getByRole('row', { name: /Last name/ })).toContainText('Thirdname');
  await shot(page, 'as-of');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Later' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Secondname');

  await page.goto(`${customer}/history`);
  await page.getByLabel('Compare version 1').check();
  await page.getByLabel('Compare version 3').check();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('row', { name: /Last name/ })).toContainText(/Firstname-then.*Thirdname/s);
  await shot(page, 'compare');
  await expectAccessible(page);

  await page.goto(`${customer}/history`);
  await page.getByRole('link', { name: 'Put back Last name' }).first().click();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Put one field back' }).click();
  await expect(page.getByRole('status').filter({ hasText: /put back/i })).toBeVisible();
  await page.goto(customer);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Secondname');

  await page.goto(`${customer}/as-of?moment=v1`);
  await page.getByRole('link', { name: 'Put this state back' }).click();
  await page.getByRole('button', { name: /^Put .* back$/ }).click();
  await page.goto(customer);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Firstname-then');
});
